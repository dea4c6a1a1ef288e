"""The packages that the services share: the domain by subject, above the store and the bus, conversations and
processes.
"""
