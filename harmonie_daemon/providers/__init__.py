"""What is known elsewhere and can be asked for, where the operator has an account there."""
