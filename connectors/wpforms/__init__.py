"""WordPress: WPForms with its Webhooks add-on."""
