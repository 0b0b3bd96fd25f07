"""Holds what has landed against what Kafka delivered: is every message somewhere exactly once?"""
