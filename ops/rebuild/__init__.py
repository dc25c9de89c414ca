"""A state that is lost, made again: what the program declares, under the ids that the clouds have.

Pure functions of plans, states and answers. Running the engine is the command line's.
"""
