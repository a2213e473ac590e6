"""The ledger of consents: who may be captured, recorded and shown, by whose word, and what was made of them."""
