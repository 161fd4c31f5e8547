"""Where leads come from: which sources are on, what their forms mean, which channel they count for."""
