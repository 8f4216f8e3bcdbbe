"""The centre: it takes envelopes in order, proves uniqueness, and permits printing."""
