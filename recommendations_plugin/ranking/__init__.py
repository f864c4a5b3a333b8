"""From a viewer to a page of cards: candidates, eligibility, score, explanation."""
