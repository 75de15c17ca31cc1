"""What reads a file that was brought, in a process of its own; nothing else imports it."""
