"""What stands between a decider and the phone: leave, permissions, what comes in the way, going round in circles."""
