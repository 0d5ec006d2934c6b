"""What every page stands in: gate, push, security headers, layouts."""
