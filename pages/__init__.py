"""How a page is answered and drawn: page or fragment, errors, lists, charts and components. Knows no account and no
cloud.
"""
