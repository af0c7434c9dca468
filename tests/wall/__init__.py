"""The wall: tests generated from what exists, so that new routes, commands, steps and guards fall under them."""
