"""Advisory mode: lamp times told to people, who switch; what was not done is noticed and goes to the next person.

No hardware on the site. The desk decides what is to be said and to whom, the store keeps it over restarts, the sender takes
it out within the limits of each channel, and the door lets staff acknowledge and meters report.
"""
