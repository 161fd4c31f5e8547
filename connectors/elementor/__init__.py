"""WordPress: Elementor Pro's forms."""
