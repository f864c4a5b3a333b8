"""What happened: recorded in SQL with its effect, and handed to the graph through an outbox."""
