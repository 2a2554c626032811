"""The tour: a pipeline that the user builds, with a hint beside what to click next."""
