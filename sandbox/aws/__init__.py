"""The local AWS: moto's S3, SQS, IAM and STS on 127.0.0.1, kept on disk."""
