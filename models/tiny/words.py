"""Words and facts for the synthetic chats, and a maker of words that are in no dictionary."""

import random

COMMON_WORDS: tuple[str, ...] = tuple(
    """
    the be to of and a in that have it for not on with he as you do at this but his by
    from they we say her she or an will my one all would there their what so up out if
    about who get which go me when make can like time no just him know take people into
    year your good some could them see other than then now look only come its over think
    also back after use two how our work first well way even new want because any these
    give day most us is are was were been has had did does said where why here very much
    many more must should may might shall never always often again answer apple arrow
    author autumn baby bag ball bank basket beach bear bell bird black blue boat book
    bottle box boy bread bridge bright bring brother brown build bus butter button buy
    cake call camera candle car card carry cat chair change child city class clean clear
    clock close cloud coat code coffee cold colour computer cook copy corner count country
    cousin cow cream cup dance dark date daughter deep desk dinner doctor dog door dream
    dress drink drive dry duck early earth east easy eat edge egg email empty end engine
    enjoy evening event eye face fact fall family farm fast father feather field file find
    finger finish fire fish floor flower fly food foot forest fork forget friend fruit
    full game garden gift girl glass goat gold grass great green grey ground group grow
    hair half hand happy hard hat head hear heart heavy help high hill history hold home
    honey horse hot hour house hungry ice idea inside island jacket job join joke journey
    juice jump keep kettle key kind king kitchen knife ladder lake lamp language large
    last late laugh leaf learn leave left lemon letter level library life light line lion
    list listen little live long lose love low lunch machine mail map market meal mean
    meat meet message metal middle milk mind minute mirror model money monkey month moon
    morning mother mountain mouse mouth move music name narrow near neck needle nest night
    noise noon north nose note number ocean office old open orange order outside oven page
    paint pair paper park part party past path pen pencil pepper phone photo piano picture
    piece pig pink place plan plane plant plate play please pocket poem point pond poor
    post potato power press price print purple push queen question quick quiet rabbit race
    radio rain read ready red report rest rice rich ride right ring river road rock roof
    room rope rose round rule run sad safe salt sand school sea season seat second seed
    sell send shape sheep ship shirt shoe shop short show side sign silver simple sing
    sister size skin sky sleep slow small smell smile snow soap sock soft song sound soup
    south spoon spring square stable stamp stand star start station stay steam step stick
    stone stop store storm story street string strong student sugar summer sun sweet swim
    table tail talk tall taste teach team test text thank thing thread three ticket tiger
    tired today tomorrow tool top touch towel town toy train travel tree true try turn
    twenty type uncle under update useful user value village visit voice wait walk wall
    warm wash watch water wave weather week west wet wheel white wide wild wind window
    wing winter wise wish wolf woman wood word world write wrong yard yellow yesterday
    young zebra status result token error request server client account address amount
    balance city colour currency customer description distance duration email filter
    folder format height index item invoice limit location login manager order password
    path payment phone priority product profile quantity query rating reason region room
    score search sender sort source stock subject summary target task temperature time
    title total unit url username version weight width
    """.split()
)

NAMES: tuple[str, ...] = tuple(
    """
    Ada Alan Grace Linus Maria Omar Priya Wei Kofi Lena Hugo Nina Ivan Sara Tom Emma Noah
    Olivia Liam Ava Mia Lucas Ella Amir Yuki Chen Fatima Diego Rosa Pablo Ingrid Bjorn
    Anna Peter Paul Mary John James Robert Linda Susan Karen Nancy Daniel Mark Steven
    Andrew Kevin Brian Alice Bob Carol Dave Eve Frank Heidi Judy Mallory Oscar Peggy Trent
    Victor Walter Zoe Iris Jonas Klara Max Felix Ruth
    """.split()
)

CAPITALS: dict[str, str] = dict(
    pair.split(":")
    for pair in """
    France:Paris,Germany:Berlin,Italy:Rome,Spain:Madrid,Portugal:Lisbon,Austria:Vienna,Poland:Warsaw,
    Greece:Athens,Norway:Oslo,Sweden:Stockholm,Denmark:Copenhagen,Finland:Helsinki,Ireland:Dublin,
    Belgium:Brussels,Hungary:Budapest,Russia:Moscow,Japan:Tokyo,China:Beijing,India:New Delhi,
    Egypt:Cairo,Kenya:Nairobi,Canada:Ottawa,Mexico:Mexico City,Cuba:Havana,Peru:Lima,Chile:Santiago,
    Turkey:Ankara,Ukraine:Kyiv,Iceland:Reykjavik,Australia:Canberra,Brazil:Brasilia,Argentina:Buenos Aires,
    Switzerland:Bern,Thailand:Bangkok,Vietnam:Hanoi,Indonesia:Jakarta,Nepal:Kathmandu,Iran:Tehran,
    Iraq:Baghdad,Morocco:Rabat,Ghana:Accra,Nigeria:Abuja,Ethiopia:Addis Ababa,Colombia:Bogota,
    Romania:Bucharest,Bulgaria:Sofia,Serbia:Belgrade,Croatia:Zagreb,Cyprus:Nicosia,Malta:Valletta,
    England:London,Scotland:Edinburgh,Wales:Cardiff,South Korea:Seoul,the Netherlands:Amsterdam,
    the United States:Washington,the United Kingdom:London
    """.replace("\n", "").split(",")
    for pair in [pair.strip()]
)

THINGS: dict[str, str] = {
    thing: colour
    for colour, things in {
        "blue": "the sky,the sea,the ocean,a blueberry",
        "green": "grass,a leaf,a frog,a cucumber,spinach,broccoli,a lime,a pea",
        "red": "blood,a tomato,a strawberry,a fire engine,a ruby,a cherry",
        "yellow": "a banana,the sun,a lemon,a canary,butter,a sunflower",
        "orange": "an orange,a carrot,a pumpkin",
        "white": "snow,milk,a polar bear,salt,rice,chalk,a swan",
        "black": "coal,the night,a raven,a crow,tar",
        "brown": "chocolate,wood,coffee,a chestnut,soil",
        "pink": "a flamingo,a pig",
        "purple": "a plum,an aubergine,lavender",
        "grey": "an elephant,a mouse,ash,concrete",
    }.items()
    for thing in things.split(",")
}

_ONSETS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "w",
    "z",
    "bl",
    "br",
    "ch",
    "cl",
    "cr",
    "dr",
    "fl",
    "fr",
    "gl",
    "gr",
    "pl",
    "pr",
    "sc",
    "sh",
    "sk",
    "sl",
    "sm",
    "sn",
    "sp",
    "st",
    "sw",
    "th",
    "tr",
    "tw",
]
_VOWELS = [
    "a",
    "e",
    "i",
    "o",
    "u",
    "a",
    "e",
    "i",
    "o",
    "ai",
    "ea",
    "ee",
    "ie",
    "oa",
    "oo",
    "ou",
    "y",
]
_CODAS = [
    "b",
    "d",
    "g",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "x",
    "ck",
    "ft",
    "ld",
    "lf",
    "lk",
    "lm",
    "lp",
    "lt",
    "mp",
    "nd",
    "ng",
    "nk",
    "nt",
    "pt",
    "rd",
    "rk",
    "rm",
    "rn",
    "rt",
    "sh",
    "sk",
    "sp",
    "st",
    "th",
]


_RUDE = [
    "shit",
    "fuc",
    "fuk",
    "cun",
    "nig",
    "fag",
    "cock",
    "dick",
    "slut",
    "rape",
    "tit",
    "piss",
    "bitch",
    "wank",
    "twat",
    "coon",
    "spic",
    "nazi",
]


def invented_word(dice: random.Random) -> str:
    """Return a pronounceable lowercase word that is, with luck, in no dictionary, and not rude."""
    while True:
        word = _syllables(dice)
        if not any(rude in word for rude in _RUDE):
            return word


def _syllables(dice: random.Random) -> str:
    syllables = dice.choice((1, 1, 2, 2, 2, 3))
    word = ""
    for number in range(syllables):
        if number or dice.random() < 0.85:
            word += dice.choice(_ONSETS)
        word += dice.choice(_VOWELS)
        if dice.random() < 0.35:
            word += dice.choice(_CODAS)
    return word if len(word) > 1 else word + dice.choice(_CODAS)
