"""Google Ads lead forms."""
