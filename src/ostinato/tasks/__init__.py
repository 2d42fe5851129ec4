"""Tasks over several apps: a plan's sub-tasks done in their order, side by side where they can be, and gone on with."""
