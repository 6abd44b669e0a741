"""What is done to pictures while a network trains: strengths, the layer, its preview."""
