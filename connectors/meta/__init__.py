"""Meta (Facebook and Instagram) lead ads."""
