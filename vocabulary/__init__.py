"""The words of the product: providers, service types, states, errors, money, ids and the configuration file.

Pure: nothing here imports another room, Django, Celery or a cloud's SDK.
"""
