"""Messages that leave the account: how they are written, sent, and kept for who reads them."""
