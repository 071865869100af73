"""What TensorBoard loads: the routes that serve recorded runs, and the page that shows them."""
