"""The trace: what an agent, a person or a script did on a phone, as one kind of record."""
