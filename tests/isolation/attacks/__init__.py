from tests.isolation.attacks.attack import JEWELS, MINE, VICTIM, Attack
from tests.isolation.attacks.building import BUILDING
from tests.isolation.attacks.reading import READING
from tests.isolation.attacks.switching import ROLES, SWITCHING
from tests.isolation.attacks.writing import WRITING

ATTACKS = (*SWITCHING, *ROLES, *READING, *WRITING, *BUILDING)

__all__ = ["ATTACKS", "JEWELS", "MINE", "VICTIM", "Attack"]
