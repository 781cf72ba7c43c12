"""Whether a large number in a French text counts something, or names it: a norm, a law, a place, a model, a file.

Digits alone do not tell. What is counted stands behind them in the plural, or is a unit; what is named stands before.
Where neither is sure, the number is left alone: a gap in a name is a fault, a number without one is a trifle.
"""

import re

__all__ = ["is_identifier", "is_measured"]

_REACH = 48
"""In characters: what is looked at on either side."""
_GAP = r"[ \t\n\u00a0\u202f\u2009]"
# What is before a code, a reference or a number to call is no quantity, though a unit's small letter may follow.
_CODED = re.compile(
    r"(?i)(?:(?:\b(?:codes?|identifiants?|r[ée]f(?:[ée]rences?|\.)?|num[ée]ros?|mots?\s+de\s+passe|siret|siren|rcs|iban|rna|pin|cedex|"
    r"insee|postal|bp|cs|t[ée]l(?:[ée]phone|\.)?)\b|\bn[°o]s?(?!\w))[^.!?;\n]{0,30}"
    # A file, an account or an order has its number beside it: « le dossier 845123 », and « La commune compte 25000 … ».
    r"|\b(?:le|la|l['’]|les|vos?|votre|mon|son)\s?(?:dossiers?|comptes?|bo[îi]te|ticket|commande|facture|contrat|badge)\s(?::\s)?)$"
)
# Counted beyond doubt, whatever stands before.
_MEASURED = re.compile(
    rf"{_GAP}*(?:[€%‰£]|[kM]€|(?:euros?|francs?|dollars?|habitants?|personnes?|visiteurs?|visiteuses?|logements?|m[èe]tres?|"
    r"kilom[èe]tres?|hectares?|tonnes?|litres?|km²?|m[²³23]|ha|kg|kWh?|MWh)(?!\w))"
)
# In the plural, perhaps behind another number: « 25000 et 30000 arbres », « 12500 nouveaux arbres ».
_PLURAL = re.compile(
    rf"(?:{_GAP}*(?:et|ou|à|-|–){_GAP}*\d[\d \u00a0\u202f]*)?{_GAP}+(?P<word>[a-zà-ÿœ][a-zà-ÿœ·.’'-]*[sxz])(?![\w·’'-])"
)
_NO_PLURAL = re.compile(
    "alors|après|assez|auprès|autres|aux|avis|certes|ces|chez|contrepoids|dans|de|depuis|des|dès|dessous|dessus|"
    "divers|envers|es|est|exprès|fois|fais|fus|gens|hors|jadis|jamais|les|lors|lorsqu|mais|malgré|mes|mieux|"
    "moins|nos|nous|parfois|pas|pis|plus|près|pris|puis|quelquefois|sans|sauf|ses|sous|suis|tandis|tes|toujours|"
    "tous|toutes|travers|très|trois|deux|six|dix|vers|vis|vos|vous"
)
# Towns in small letters, after a postal code.
_TOWNS = re.compile(
    "alès|amiens|angers|antibes|arles|arras|auch|bayeux|beauvais|béziers|blois|bordeaux|bourges|calais|cannes|"
    "chartres|châteauroux|colombes|dax|dreux|évreux|fougères|fréjus|istres|laon|limoges|lisieux|lens|meaux|"
    "montreuil|nantes|nevers|nîmes|orléans|paris|poitiers|quimper|reims|rennes|romans|saintes|saint-denis|sens|"
    "tarbes|thonon-les-bains|tours|troyes|valenciennes|vannes|versailles"
)
# `ISO 14001`, `NF C 15100`, `RJ45`: capitals and digits, with single letters between them and the number.
_ACRONYM = re.compile(rf"(?<![\w-])[A-ZÀ-Ý][A-ZÀ-Ý\d][\w/-]*(?:{_GAP}[A-Z])?{_GAP}*[-:]?{_GAP}*$")
# A name of a make or of a place: a capital that does not begin a sentence.
_CAPITAL = re.compile(rf"[^.!?…:«»\s]{_GAP}+(?:[A-ZÀ-Ý][\w’'-]+){_GAP}+$")
# « le 72000 », « au 36300 »: a number that counts has no article in the singular.
_SINGULAR = re.compile(rf"(?i)(?<![\w’'-])(?:la|le|l[’']|au|du|cette|cet|ce|une?){_GAP}*$")
_NAMING = re.compile(
    r"(?i)(?<![\w-])(?:norme|loi|d[ée]cret|arr[êe]t[ée]?|r[èe]glement|directive|circulaire|d[ée]cision|d[ée]lib[ée]ration|article|al[ée]a|"
    r"annexe|avis|mod[èe]le|version|s[ée]rie|lot|parcelle|section|zone|secteur|ligne|route|train|tram|bus|vol|salle|chambre|bureau|"
    r"poste|porte|portail|port|canal|certificat|certification|agr[ée]ment|habilitation|label|licence|brevet|permis|formulaire|cerfa|"
    r"fiche|lettre|lois|normes|articles|mod[èe]les|lignes|trains|page|volume|tome|d[ée]partement|commune|canton|site|projet|programme|"
    r"op[ée]ration|convention|march[ée]|appel|billet|colis|carte|case|classe|type|produit|pi[èe]ce)"
    rf"{_GAP}+(?:[A-Z]{_GAP}+)?$"
)


def is_measured(text: str, end: int) -> bool:
    """Whether a unit, or what is always counted, follows the number that ends at `end`."""
    return _MEASURED.match(text, end) is not None


def is_identifier(text: str, start: int, end: int, *, solid: bool) -> bool:
    """Whether the number from `start` to `end` of `text` is to be left alone; a `solid` one has no gaps yet.

    Of a solid one, that it counts has to be seen; in one that was written with gaps, that it names.
    """
    before = text[max(0, start - _REACH) : start]
    if _CODED.search(before):
        return True
    if is_measured(text, end):
        return False
    if any(pattern.search(before) for pattern in (_ACRONYM, _NAMING, _SINGULAR)):
        return True
    if not solid:
        return False
    if _CAPITAL.search(before):
        return True
    plural = _PLURAL.match(text, end)
    word = plural["word"] if plural else ""
    return not word or bool(_NO_PLURAL.fullmatch(word) or _TOWNS.fullmatch(word))
