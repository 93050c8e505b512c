"""Comparing names: parts, acronyms, short forms, spellings, adjectives, and places within places."""

import re
from difflib import SequenceMatcher
from functools import cache

# One line per place: its names; the adjectives; its cities. The first city may stand for the government ("Moscow
# warned").
_PLACES = """
Afghanistan|Afghan|Kabul,Kandahar,Herat
Albania|Albanian|Tirana
Algeria|Algerian|Algiers
Argentina|Argentine,Argentinian|Buenos Aires
Armenia|Armenian|Yerevan
Australia|Australian|Canberra,Sydney,Melbourne,Brisbane,Perth
Austria|Austrian|Vienna,Salzburg,Graz
Azerbaijan|Azerbaijani|Baku
Bangladesh|Bangladeshi|Dhaka
Belarus|Belarusian|Minsk
Belgium|Belgian|Brussels,Antwerp
Bolivia|Bolivian|La Paz
Bosnia,Bosnia and Herzegovina|Bosnian|Sarajevo
Brazil|Brazilian|Brasilia,Rio de Janeiro,Sao Paulo,São Paulo
Britain,United Kingdom,UK,U.K.,Great Britain|British|London,Manchester,Birmingham,Liverpool,Leeds,Belfast
Bulgaria|Bulgarian|Sofia
Cambodia|Cambodian|Phnom Penh
Canada|Canadian|Ottawa,Toronto,Montreal,Vancouver
Chile|Chilean|Santiago
China,People's Republic of China|Chinese|Beijing,Shanghai,Wuhan,Shenzhen
Colombia|Colombian|Bogota,Bogotá,Medellin
Croatia|Croatian|Zagreb
Cuba|Cuban|Havana
Cyprus|Cypriot|Nicosia
Czech Republic,Czechia|Czech|Prague
Denmark|Danish,Dane|Copenhagen
Ecuador|Ecuadorian|Quito
Egypt|Egyptian|Cairo,Alexandria
Estonia|Estonian|Tallinn
Ethiopia|Ethiopian|Addis Ababa
Finland|Finnish,Finn|Helsinki
France|French|Paris,Lyon,Marseille,Nice,Strasbourg,Brest
Georgia|Georgian|Tbilisi,Atlanta
Germany|German|Berlin,Munich,Hamburg,Frankfurt,Cologne
Ghana|Ghanaian|Accra
Greece|Greek|Athens
Haiti|Haitian|Port-au-Prince
Hungary|Hungarian|Budapest
Iceland|Icelandic|Reykjavik
India|Indian|New Delhi,Delhi,Mumbai,Kolkata,Chennai,Bengaluru
Indonesia|Indonesian|Jakarta,Bali
Iran|Iranian|Tehran
Iraq|Iraqi|Baghdad,Mosul,Basra
Ireland|Irish|Dublin,Cork
Israel|Israeli|Jerusalem,Tel Aviv
Italy|Italian|Rome,Milan,Naples,Turin
Japan|Japanese|Tokyo,Osaka,Hiroshima,Kyoto
Jordan|Jordanian|Amman
Kazakhstan|Kazakh|Astana,Almaty
Kenya|Kenyan|Nairobi,Mombasa
Kuwait|Kuwaiti|Kuwait City
Latvia|Latvian|Riga
Lebanon|Lebanese|Beirut
Libya|Libyan|Tripoli,Benghazi
Lithuania|Lithuanian|Vilnius
Malaysia|Malaysian|Kuala Lumpur
Mexico|Mexican|Mexico City,Tijuana
Moldova|Moldovan|Chisinau
Morocco|Moroccan|Rabat,Casablanca
Myanmar,Burma|Burmese|Naypyidaw,Yangon
Nepal|Nepali,Nepalese|Kathmandu
Netherlands,Holland|Dutch|The Hague,Amsterdam,Rotterdam
New Zealand||Wellington,Auckland
Nigeria|Nigerian|Abuja,Lagos
North Korea|North Korean|Pyongyang
Norway|Norwegian|Oslo,Bergen
Pakistan|Pakistani|Islamabad,Karachi,Lahore,Peshawar
Palestine|Palestinian|Ramallah,Gaza
Peru|Peruvian|Lima
Philippines|Philippine,Filipino|Manila
Poland|Polish|Warsaw,Krakow,Gdansk
Portugal|Portuguese|Lisbon,Porto
Qatar|Qatari|Doha
Romania|Romanian|Bucharest
Russia,Russian Federation|Russian|Moscow,Kremlin,St. Petersburg
Rwanda|Rwandan|Kigali
Saudi Arabia|Saudi|Riyadh,Jeddah
Serbia|Serbian|Belgrade
Singapore|Singaporean|
Slovakia|Slovak|Bratislava
Slovenia|Slovenian|Ljubljana
Somalia|Somali|Mogadishu
South Africa|South African|Pretoria,Johannesburg,Cape Town
South Korea|South Korean|Seoul,Busan
Spain|Spanish|Madrid,Barcelona,Valencia,Seville
Sudan|Sudanese|Khartoum
Sweden|Swedish,Swede|Stockholm,Gothenburg,Malmo
Switzerland|Swiss|Bern,Geneva,Zurich
Syria|Syrian|Damascus,Aleppo
Taiwan|Taiwanese|Taipei
Tanzania|Tanzanian|Dodoma,Dar es Salaam
Thailand|Thai|Bangkok
Tunisia|Tunisian|Tunis
Turkey,Türkiye|Turkish|Ankara,Istanbul
Uganda|Ugandan|Kampala
Ukraine|Ukrainian|Kyiv,Kiev,Kharkiv,Odesa,Lviv
United Arab Emirates,UAE|Emirati|Abu Dhabi,Dubai
United States,US,U.S.,USA,U.S.A.,America|American|Washington,White House
Venezuela|Venezuelan|Caracas
Vietnam|Vietnamese|Hanoi
Yemen|Yemeni|Sanaa,Aden
Zimbabwe|Zimbabwean|Harare
Alabama||Birmingham
Arizona||Phoenix,Tucson
California|Californian|Sacramento,Los Angeles,San Francisco,San Diego
Colorado||Denver
Connecticut||Hartford
Florida|Floridian|Tallahassee,Miami,Orlando,Tampa
Hawaii||Honolulu
Illinois||Springfield,Chicago
Indiana||Indianapolis
Kentucky||Frankfort,Louisville
Louisiana||Baton Rouge,New Orleans
Maryland||Annapolis,Baltimore
Massachusetts||Boston
Michigan||Lansing,Detroit
Minnesota||Minneapolis
Missouri||St. Louis
Nevada||Las Vegas,Reno
New Jersey||Trenton,Newark
New York|New Yorker|Albany,New York City,Buffalo
North Carolina||Raleigh,Charlotte
Ohio||Columbus,Cleveland,Cincinnati
Oregon||Salem,Portland
Pennsylvania||Harrisburg,Philadelphia,Pittsburgh
Tennessee||Nashville,Memphis
Texas|Texan|Austin,Dallas,Houston,El Paso
Utah||Salt Lake City
Virginia|Virginian|Richmond
Washington State||Seattle
Wisconsin||Milwaukee
England|English|London,Manchester,Birmingham
Scotland|Scottish|Edinburgh,Glasgow
Wales|Welsh|Cardiff
"""
_AMERICAN_FROM = "Alabama"
_BRITISH = ("England", "Scotland", "Wales")


@cache
def _tables() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Return the country or state of each name, and the countries and states of each city."""
    names: dict[str, str] = {}
    cities: dict[str, frozenset[str]] = {}
    american = False
    for line in _PLACES.strip().splitlines():
        called, belonging, inside = (part.split(",") if part else [] for part in line.split("|"))
        american = american or called[0] == _AMERICAN_FROM
        above = "Britain" if called[0] in _BRITISH else "United States" if american else None
        for name in (*called, *belonging):
            names[name.casefold()] = called[0]
        if above:
            cities[called[0].casefold()] = frozenset((above,))
        for city in inside:
            holding = {called[0], above} - {None}
            cities[city.casefold()] = cities.get(city.casefold(), frozenset()) | {name for name in holding if name}
    return names, cities


def country(name: str) -> str | None:
    """Return the usual name of the country or American state that a name or adjective means, None for others."""
    return _tables()[0].get(_bare(name))


def is_known_place(name: str) -> bool:
    """Tell whether a name is a known country, state or city."""
    return country(name) is not None or _bare(name) in _tables()[1]


def lies_in(inner: str, outer: str) -> bool:
    """Tell whether one place is known to lie in the other."""
    inside = _tables()[1].get((country(inner) or _bare(inner)).casefold(), frozenset())
    return country(outer) in inside


def _bare(name: str) -> str:
    return " ".join(name.split()).casefold().removeprefix("the ").removesuffix("'s").removesuffix("’s")


_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*\.?")
_TITLES = frozenset(
    "mr mrs ms dr sir dame lord lady prof professor president vice prime minister chancellor premier senator sen rep "
    "representative congressman congresswoman governor gov mayor judge justice general gen colonel col captain capt "
    "major maj lieutenant lt sergeant sgt sheriff chief king queen prince princess pope cardinal bishop rev reverend "
    "secretary ambassador coach director the a an".split()
)
_SMALL = frozenset("of the for and de van von bin al del la le on in".split())
_SHORT_FORMS = (
    "robert bob bobby rob",
    "william bill will billy liam",
    "richard rick dick rich",
    "joseph joe joey",
    "james jim jimmy jamie",
    "john jack johnny",
    "michael mike mick",
    "thomas tom tommy",
    "charles charlie chuck",
    "edward ed eddie ted",
    "anthony tony",
    "daniel dan danny",
    "david dave",
    "steven steve stephen",
    "christopher chris",
    "matthew matt",
    "nicholas nick",
    "samuel sam",
    "benjamin ben",
    "alexander alex sasha",
    "elizabeth liz beth betty lisa",
    "katherine kate kathy catherine cathy katie",
    "margaret maggie peggy meg",
    "patricia pat patty",
    "jennifer jen jenny",
    "susan sue",
    "deborah deb debbie",
    "rebecca becky",
    "vladimir volodymyr",
    "gregory greg",
    "andrew andy drew",
    "ronald ron",
    "donald don",
    "kenneth ken",
    "lawrence larry",
    "gerald jerry",
)
_SHORT = {name: line.split()[0] for line in _SHORT_FORMS for name in line.split()}
_ALIKE = 0.84
"""Least share of common characters of two spellings of one name."""


def proper_name(text: str) -> str:
    """Return the name in an answer: its longest run of capitalised words, without article; "" if there is none."""
    best: list[str] = []
    run: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0]
        if word[0].isupper() or word[0].isdigit() or (run and word in _SMALL):
            run.append(word.removesuffix("."))
        else:
            run = []
        kept = _trimmed(run)
        if len(kept) > len(best) and any(part[0].isupper() for part in kept):
            best = kept
    return " ".join(best)


def same_name(one: str, other: str) -> bool:
    """Tell whether two names may mean the same person, body or place, or one a part of the other."""
    if (country(one) or one) == (country(other) or other) or lies_in(one, other) or lies_in(other, one):
        return True
    if is_known_place(one) and is_known_place(other):
        return False
    a, b = _words(one), _words(other)
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if not short or _is_acronym(one, other) or _is_acronym(other, one):
        return True
    if len(short) == len(long) == 2 and _alike(short[1], long[1]):
        return _alike(short[0], long[0]) or (short[0][0] == long[0][0] and min(len(short[0]), len(long[0])) <= 2)
    return all(any(_alike(word, match) or _begins(word, match) for match in long) for word in short)


def _words(name: str) -> list[str]:
    words = [word.removesuffix(".").casefold() for word in _WORD.findall(name)]
    words = [word.removesuffix("'s").removesuffix("’s") for word in words]
    telling = [word for word in words if word not in _TITLES and word not in _SMALL and word not in ("jr", "sr")]
    return [_SHORT.get(word, word) for word in telling or words]


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    return min(len(one), len(other)) > 3 and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def _begins(one: str, other: str) -> bool:
    """Tell whether one word is short for the other: "Fed" for "Federal", "J" for "John"."""
    return (len(one) == 1 or len(one) > 2) and other.startswith(one)


def _is_acronym(short: str, long: str) -> bool:
    letters = [letter.casefold() for letter in short if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in short)
    if not 2 <= len(letters) <= 7 or capitals < 2 or " " in short.strip():
        return False
    words = [word.casefold() for word in _WORD.findall(long)]
    initials = [[word[0] for word in words], [word[0] for word in words if word not in _SMALL]]
    return letters in initials


def _trimmed(run: list[str]) -> list[str]:
    words = list(run)
    while words and (words[-1] in _SMALL or not words[-1]):
        words.pop()
    while words and words[0].casefold() in _SMALL | {"a", "an", "no", "one"}:
        words.pop(0)
    return words
