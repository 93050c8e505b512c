"""Questions asked in bulk and again: tables of answers, one question by outlet or month, saved questions."""
