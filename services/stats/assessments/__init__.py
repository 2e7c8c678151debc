"""考核 (量化打分): criteria and weights as data, evidence drawn from the figures, three steps, appeals."""
