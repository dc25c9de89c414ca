"""A repository on GitHub as it stands: read in bulk, held against code, told in words.

GitHub itself and the sandbox's GitHub answer the same questions by the same API.
"""
