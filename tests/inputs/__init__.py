"""Bad input: what people, queues and clouds may send, and the right answer to it."""
