"""Word lists for names as Indonesians write them: titles, spellings, clans, common words. Pure.

From general knowledge of Indonesian, Hakka, Teochew and Dayak names; no list of real people was
used. Shares of words are INVENTED orders of magnitude, good enough to tell "Muhammad" from a rare
word and for nothing finer.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Dropped wherever they stand. "H." is haji and not an initial: in Indonesia it nearly always is.
TITLES = _words(
    "h hj haji hajah hajjah dr drs dra drg drh ir prof kh kyai kiai kiyai ust ustad ustaz ustadz "
    "ustadzah pdt pendeta pastor ns apt tn ny nyonya bpk bapak ibu sdr sdri alm almarhum almh "
    "almarhumah als alias"
)
# Dropped behind a word of the name, when written with dots or behind a comma.
DEGREES = _words(
    "se sh st si sp spt shut sag spd spdi spdk sth skom sikom ssos sip ssi sked skep sfarm spsi "
    "skm stp sstp sthi shi sei ss ssn spi skg str strkeb mm msi mpd mpdi mh mhum mkes mkom mt mag "
    "msc ma mba mph map msn mkn mars phd ba bsc amd amak amkeb amdkeb amkep amapd ama sps spog "
    "spa spb spdalam cpa ak ca dip"
)
# The same without dots, because no name is written like this.
BARE_DEGREES = _words(
    "sh spd spdi skom ssos ssi sked skep sfarm spsi skm sstp mpd mpdi mhum mkes mkom phd mba amd "
    "amkeb amdkeb amkep mm mt mh"
)

# Nobility, descent and particles: written today and left out tomorrow. They count when both sides
# write them and cost nothing when one does not.
_NOBLE = (
    "raden rd rr rara roro tubagus tb teuku tengku teungku tgk tuanku cut andi daeng dg gusti uray "
    "urai dayang awang pangeran mas nyai datuk datu sayid sayyid habib"
)
_PARTICLES = "bin binti bt ak anak al el de da van der den"
# Iban and Kanayatn words beside a name: father or mother of the eldest child, chief, war leader.
_DAYAK = "apai indai temenggung tumenggung panglima"
# A Dayak name often ends in the village somebody came from.
_EPITHETS = (
    "bagak nyarumkop sagatani sijangkung pangmilang sedau pajintan samalantan bengkayang landak "
    "sambas singkawang sanggau sintang menyuke mempawah ngabang"
)
WEAK = _words(f"{_NOBLE} {_PARTICLES} {_DAYAK} {_EPITHETS}")


def _variants(lines: str) -> dict[str, str]:
    """Each line: the word all others stand for, then the others."""
    found: dict[str, str] = {}
    for line in lines.strip().splitlines():
        first, *others = line.split()
        found |= dict.fromkeys((first, *others), first)
    return found


# Whole words that no rule of spelling brings together.
VARIANTS = _variants("""
muhammad muhamad mohammad mohamad muhammed mohamed mohammed mochamad mochammad muchamad muchammad \
mokhamad mukhamad mukhammad mokhammad muh moh moch mohd muhd mhd md mhmd mohamat muhamat muhammat
abdul abd abdoel abdl abdu
abdullah abdulah abdulloh abduloh abdoellah
siti st sti sitti sity syiti
ahmad achmad akhmad ahmat akhmat achmat ahmed akhmed hamad
nur noer noor nor nuur
rahman rohman rachman rochman rakhman
rahmat rohmat rachmat rochmat rakhmat
husin husein husain hussein hussain husen
hasan hassan hasann
umar omar oemar
usman utsman oesman osman
ismail ismael
ibrahim ibrohim ebrahim brahim
sulaiman sulaeman soleman suleman soelaiman
yohanes yohannes johannes johanes yohanis
yakobus jacobus yacobus
markus marcus
lukas lucas
fransiskus franciscus fransiscus
agustinus augustinus
veronika veronica
katarina catharina katharina
monika monica
maria mariah marya
sri srie sry
dewi devi dewie
""")

# Families of Singkawang in Hakka, Teochew, Hokkien, Cantonese and Mandarin dress, old spelling and
# new. A word may stand for two families (Ng is Huang in Teochew and Wu in Hakka).
_CLANS = """
bong wong huang oei oey uy ui ng
tjhin tjin chin cin chen tan chan
lie li lee
tjhia tjia cia chia sia xie hsieh
phang pang peng
liu lauw lau liau liew
lim liem lin lam
jong yong yang njo nyo nio yeo
tjong chong cong tjhong zhang thio tio teo cheong
lai loa
tjhai tjai chai cai tjoa tjua chua
sim shen sem
kho khouw kouw koh xu khoe
hiu khiu chiu qiu
then ten teng deng thian
fung feng pang hong
lo luo loh law
cu tju chu zhu choo
ng go gouw goh gho wu
tjhang the tee tay teh zheng tjang
jap yap ye yeh iap
kwee kwek kuok kok guo
tjung chung zhong tjhung cung
boen bun wen oen un
"""
CLANS: dict[str, frozenset[str]] = {}
for _line in _CLANS.strip().splitlines():
    _family = _line.split()[0]
    for _word in _line.split():
        CLANS[_word] = CLANS.get(_word, frozenset()) | {_family}

# Of how many names a word is part; INVENTED. Only words met so often that agreeing on one of them
# says little.
SHARES: dict[str, float] = {
    "muhammad": 0.05,
    "siti": 0.03,
    "nur": 0.03,
    "abdul": 0.02,
    "ahmad": 0.02,
    "sri": 0.015,
    "abdullah": 0.008,
    "dewi": 0.01,
    "maria": 0.01,
    "rahman": 0.008,
    "rahmat": 0.006,
    "hasan": 0.006,
}
