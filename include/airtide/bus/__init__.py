"""Kafka: topics, messages, producer, bounded reads."""
