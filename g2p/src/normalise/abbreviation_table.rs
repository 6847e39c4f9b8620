//! Abbreviations and what they are said as.

/// When an abbreviation is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// With its stop.
    Stop,
    /// With its stop, and written large.
    LargeStop,
    /// With a stop or without.
    Always,
    /// A title: written large, with a stop before a word that is written large, or before `and` and another title.
    Title,
    /// The same; the stop may be missing, as in British English.
    OpenTitle,
    /// With a stop, before a number.
    Number,
    /// With a stop after a name, or a number of a street.
    Street,
    /// The same; the stop may be missing.
    OpenStreet,
    /// With a stop, and written large after a name: `Acme Inc.`
    Firm,
    /// The same; the stop may be missing.
    OpenFirm,
    /// With a stop after a comma: `St. Paul, Minn.`
    State,
}

/// Abbreviations in small letters, what they are said as, and when.
#[rustfmt::skip]
pub(super) const TABLE: &[(&str, &str, When)] = &[
    ("mr", "mister", When::OpenTitle), ("mrs", "missus", When::OpenTitle), ("ms", "ms", When::Title), ("mx", "mix", When::Title),
    ("messrs", "messieurs", When::OpenTitle), ("prof", "professor", When::OpenTitle), ("rev", "reverend", When::Title),
    ("hon", "honorable", When::Title), ("sen", "senator", When::Title), ("sens", "senators", When::Title), ("rep", "representative", When::Title),
    ("reps", "representatives", When::Title), ("gov", "governor", When::Title), ("pres", "president", When::Title), ("gen", "general", When::Title),
    ("col", "colonel", When::Title), ("lt", "lieutenant", When::OpenTitle), ("maj", "major", When::Title), ("capt", "captain", When::OpenTitle),
    ("cmdr", "commander", When::OpenTitle), ("sgt", "sergeant", When::OpenTitle), ("adm", "admiral", When::Title), ("fr", "father", When::Title),
    ("cpl", "corporal", When::OpenTitle), ("pvt", "private", When::Title), ("brig", "brigadier", When::Title), ("supt", "superintendent", When::Title),
    ("insp", "inspector", When::Title), ("det", "detective", When::Title), ("amb", "ambassador", When::Title), ("atty", "attorney", When::Title),
    ("sec", "secretary", When::Title), ("mme", "madame", When::Title), ("mlle", "mademoiselle", When::Title), ("supts", "superintendents", When::Title),
    ("asst", "assistant", When::Stop), ("dir", "director", When::Title), ("profs", "professors", When::Title), ("drs", "doctors", When::OpenTitle), ("sr", "senior", When::Title), ("jr", "junior", When::Title),
    ("no", "number", When::Number), ("nos", "numbers", When::Number), ("nr", "number", When::Number), ("fig", "figure", When::Number), ("figs", "figures", When::Number),
    ("eq", "equation", When::Number), ("eqs", "equations", When::Number), ("eqn", "equation", When::Number), ("sec", "section", When::Number),
    ("secs", "sections", When::Number), ("sect", "section", When::Number), ("ch", "chapter", When::Number), ("chs", "chapters", When::Number), ("chap", "chapter", When::Number),
    ("vol", "volume", When::Number), ("vols", "volumes", When::Number), ("p", "page", When::Number), ("pp", "pages", When::Number),
    ("pg", "page", When::Number), ("pgs", "pages", When::Number), ("art", "article", When::Number), ("para", "paragraph", When::Number), ("tab", "table", When::Number), ("pt", "part", When::Number),
    ("ref", "reference", When::Number), ("refs", "references", When::Number), ("app", "appendix", When::Number), ("apt", "apartment", When::Number), ("ste", "suite", When::Number), ("rm", "room", When::Number),
    ("ca", "circa", When::Number), ("c", "circa", When::Number), ("ext", "extension", When::Number), ("ver", "version", When::Number), ("op", "opus", When::Number), ("bk", "book", When::Number),
    ("ln", "line", When::Number), ("l", "line", When::Number), ("ll", "lines", When::Number), ("col", "column", When::Number), ("est", "established", When::Number),
    ("ave", "avenue", When::Street), ("blvd", "boulevard", When::OpenStreet), ("rd", "road", When::OpenStreet), ("ln", "lane", When::Street),
    ("hwy", "highway", When::OpenStreet), ("sq", "square", When::Street), ("pl", "place", When::Street), ("pkwy", "parkway", When::OpenStreet),
    ("ct", "court", When::Street), ("ter", "terrace", When::Street), ("cir", "circle", When::Street), ("bldg", "building", When::Always),
    ("inc", "incorporated", When::OpenFirm), ("ltd", "limited", When::OpenFirm), ("co", "company", When::Firm), ("cos", "companies", When::Firm), ("corp", "corporation", When::OpenFirm),
    ("bros", "brothers", When::OpenFirm), ("assn", "association", When::Always), ("assoc", "associates", When::Firm), ("jr", "junior", When::OpenFirm),
    ("sr", "senior", When::OpenFirm), ("esq", "esquire", When::OpenFirm), ("intl", "international", When::Always), ("natl", "national", When::Always),
    ("dept", "department", When::Always), ("depts", "departments", When::Always), ("govt", "government", When::Always), ("univ", "university", When::Stop), ("inst", "institute", When::Stop),
    ("mfg", "manufacturing", When::Stop), ("mgmt", "management", When::Always), ("mgr", "manager", When::Stop), ("dist", "district", When::Stop),
    ("mon", "Monday", When::LargeStop), ("tue", "Tuesday", When::LargeStop), ("tues", "Tuesday", When::LargeStop),
    ("thu", "Thursday", When::LargeStop), ("thur", "Thursday", When::LargeStop), ("thurs", "Thursday", When::LargeStop), ("fri", "Friday", When::LargeStop),
    ("feb", "February", When::LargeStop), ("aug", "August", When::LargeStop), ("sept", "September", When::LargeStop), ("oct", "October", When::LargeStop), ("nov", "November", When::LargeStop), ("dec", "December", When::LargeStop),
    ("approx", "approximately", When::Always), ("est", "estimated", When::Stop), ("etc", "et cetera", When::Always), ("vs", "versus", When::Always),
    ("cf", "compare", When::Stop), ("viz", "namely", When::Stop), ("temp", "temperature", When::Stop), ("max", "maximum", When::Stop),
    ("avg", "average", When::Always), ("misc", "miscellaneous", When::Always), ("tel", "telephone", When::Stop), ("attn", "attention", When::Always),
    ("incl", "including", When::Stop), ("excl", "excluding", When::Stop), ("esp", "especially", When::Stop), ("orig", "originally", When::Stop),
    ("resp", "respectively", When::Stop), ("eds", "editors", When::Stop), ("ff", "and following", When::Stop), ("ibid", "ibid", When::Stop),
    ("qty", "quantity", When::Always), ("acct", "account", When::Always), ("appt", "appointment", When::Always), ("pls", "please", When::Always),
    ("thx", "thanks", When::Always), ("aka", "also known as", When::Always), ("abbr", "abbreviation", When::Stop), ("add'l", "additional", When::Always),
    ("pop", "population", When::Number), ("eg", "for example", When::Stop), ("ie", "that is", When::Stop),
    ("vols", "volumes", When::Stop), ("figs", "figures", When::Stop), ("dept", "department", When::Stop), ("alt", "alternative", When::Stop), ("min", "minimum", When::Stop),
    ("ala", "alabama", When::State), ("ariz", "arizona", When::State), ("ark", "arkansas", When::State), ("calif",
    "california", When::State), ("colo", "colorado", When::State), ("conn", "connecticut", When::State), ("del",
    "delaware", When::State), ("fla", "florida", When::State), ("ga", "georgia", When::State), ("ill", "illinois",
    When::State), ("ind", "indiana", When::State), ("kan", "kansas", When::State), ("ky", "kentucky",
    When::State), ("la", "louisiana", When::State), ("md", "maryland", When::State), ("mass", "massachusetts",
    When::State), ("mich", "michigan", When::State), ("minn", "minnesota", When::State), ("miss", "mississippi",
    When::State), ("mo", "missouri", When::State), ("mont", "montana", When::State), ("neb", "nebraska",
    When::State), ("nev", "nevada", When::State), ("okla", "oklahoma", When::State), ("ore", "oregon",
    When::State), ("pa", "pennsylvania", When::State), ("tenn", "tennessee", When::State), ("tex", "texas",
    When::State), ("va", "virginia", When::State), ("vt", "vermont", When::State), ("wash", "washington",
    When::State), ("wis", "wisconsin", When::State), ("wyo", "wyoming", When::State),
];

/// What is written with more than letters and one stop, and its reading; letters are written apart.
#[rustfmt::skip]
pub(super) const WRITTEN: &[(&str, &str)] = &[
    ("Ph.D.s", "PhDs"), ("e.g.", "for example"), ("i.e.", "that is"), ("e.g", "for example"), ("i.e", "that is"), ("a.k.a.", "also known as"), ("a.k.a", "also known as"),
    ("et al.", "et al"), ("w/o", "without"), ("w/", "with"), ("b/c", "because"), ("c/o", "care of"), ("Ph.D.", "P H D"), ("Ph.D", "P H D"), ("PhD", "P H D"),
    ("B.Sc.", "B S C"), ("M.Sc.", "M S C"), ("BSc", "B S C"), ("MSc", "M S C"), ("Ed.D.", "E D D"), ("D.Phil.", "D Phil"), ("M.Phil.", "M Phil"), ("Psy.D.", "P S Y D"),
    ("LL.B.", "L L B"), ("LL.M.", "L L M"), ("s/he", "she or he"), ("no. of", "number of"), ("nos. of", "numbers of"), ("TL;DR", "T L D R"), ("tl;dr", "T L D R"), ("Lt. Col.", "Lieutenant Colonel"), ("Lt. Gen.", "Lieutenant General"), ("Maj. Gen.", "Major General"),
    ("Brig. Gen.", "Brigadier General"), ("Lt. Cmdr.", "Lieutenant Commander"), ("Lt. Gov.", "Lieutenant Governor"), ("Sgt. Maj.", "Sergeant Major"), ("Rt. Hon.", "Right Honorable"),
    ("Gen. Sec.", "General Secretary"), ("Vice Pres.", "Vice President"), ("o/w", "otherwise"), ("n/a", "N A"), ("N/A", "N A"), ("y/o", "year old"), ("a.s.a.p.", "A S A P"), ("q.v.", "Q V"), ("op. cit.", "op cit"),
    ("No.s", "Numbers"), ("v.s.", "versus"), ("v.", "versus"),
];

/// Names of saints; before another name, `St.` between two names is a street.
#[rustfmt::skip]
pub(super) const SAINTS: &[&str] = &[
    "Agnes", "Albans", "Albert", "Andrew", "Andrews", "Anne", "Anthony", "Augustine", "Austell", "Barbara", "Bernard", "Catherine", "Catharines", "Charles", "Clair", "Claire",
    "Cloud", "Croix", "David", "Denis", "Elizabeth", "Francis", "Gallen", "George", "Germain", "Helena", "Helens", "Ives", "James", "Jerome", "John", "Johns", "Joseph",
    "Jude", "Kilda", "Kitts", "Lawrence", "Louis", "Lucia", "Luke", "Mark", "Martin", "Mary", "Matthew", "Michael", "Moritz", "Nicholas", "Olaf", "Pancras", "Patrick", "Paul",
    "Peter", "Petersburg", "Pierre", "Stephen", "Teresa", "Thomas", "Tropez", "Vincent", "Xavier",
];

/// What a street is called, so that a letter before its name is a quarter of heaven.
#[rustfmt::skip]
pub(super) const STREETS: &[&str] = &[
    "St", "Street", "Ave", "Avenue", "Blvd", "Boulevard", "Rd", "Road", "Dr", "Drive", "Ln", "Lane", "Hwy",
    "Highway", "Pl", "Way", "Ct", "Pkwy",
];

#[rustfmt::skip]
pub(super) const QUARTERS: &[(&str, &str)] = &[
    ("N", "North"), ("S", "South"), ("E", "East"), ("W", "West"), ("NE", "Northeast"), ("NW", "Northwest"),
    ("SE", "Southeast"), ("SW", "Southwest"),
];
