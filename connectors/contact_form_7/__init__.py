"""WordPress: Contact Form 7 with the plug-in "CF7 to Webhook"."""
