"""New car parks: where, of what type and how large, and four measures against one shortage."""
