"""What lies behind `admit`, `deliveries` and `settle`: judging what arrived, keeping it, answering it."""
