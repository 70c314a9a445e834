"""The simulated AWS: EC2, S3, STS, IAM, CloudTrail, Service Quotas and the SSO portal, by botocore's own service
models.
"""
