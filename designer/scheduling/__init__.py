"""Runs that start by themselves: schedules, triggers, notifications, and the system's services."""
