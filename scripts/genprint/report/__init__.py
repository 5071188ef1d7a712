"""What people look at: figures and the page that holds everything."""
