"""What several rooms' tests share: cases, the fake ARM as a transport."""
