"""A server with visitors (`FER_ACCESS=shared`): what they may reach, how much of it, and how operators sign in."""
