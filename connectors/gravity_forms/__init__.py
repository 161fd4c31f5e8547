"""WordPress: Gravity Forms with its Webhooks add-on."""
