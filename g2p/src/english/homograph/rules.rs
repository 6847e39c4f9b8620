//! The cues, one function for each homograph.
//!
//! The strongest cues come first: the words right beside, then those in the same sentence.

use super::scene::Scene;

/// One of the two readings in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    First = 0,
    Second = 1,
}

use Reading::{First, Second};

const MODALS: &str = "to do does did will would 'll can could ca wo may might must shall should let";

fn when(cue: bool, reading: Reading) -> Option<Reading> {
    cue.then_some(reading)
}

/// The fish, or the deep voice.
pub(super) fn bass(scene: &Scene<'_>) -> Option<Reading> {
    let fish = scene
        .after("sea striped largemouth smallmouth freshwater rock fried grilled baked caught catch fresh")
        || scene.before("fishing boat boats fisherman fishermen fillet fillets lake pond swam swim");
    let music = scene.before(
        "guitar guitars guitarist player players line lines clef drum drums drummer solo note notes voice singer string \
         strings amp amplifier part riff trombone clarinet flute pedal tone tones sound sounds speaker speakers \
         frequencies frequency response beat boost groove track tracks pickup fiddle register range level levels \
         baritone viol music",
    ) || scene.after("double electric upright acoustic slap heavy deep booming thumping play plays played playing on")
        || scene.after("the your") && scene.soon_after("turn turned turning turns boost play plays played playing learn learned", 3);
    let water = "fish fishing fished fisherman fishermen lake river pond stream angler anglers hook bait rod trout \
                 salmon pounds pound ate cooked lure net freshwater reel reeled";
    let stage = "music musical band song songs treble guitar guitars drums drum piano jazz concert tenor baritone alto \
                 soprano choir sang sings sing singer speakers stereo volume headphones subwoofer notes orchestra \
                 melody loud turn amplifier";
    when(fish, First)
        .or_else(|| when(music, Second))
        .or_else(|| when(scene.near(water), First))
        .or_else(|| when(scene.near(stage), Second))
}

/// The weapon and the ribbon, or the bend of the body and the front of a ship.
pub(super) fn bow(scene: &Scene<'_>) -> Option<Reading> {
    let curtain = scene.soon_after("take takes took taking taken make makes made", 4)
        && scene.soon_after("a final deep low last little quick", 2)
        && !scene.soon_before("arrow arrows", 3);
    let tied = scene.before("tie ties string strings hunter hunters hunting")
        || scene.after("violin cello fiddle viola hair long wooden compound recurve his her")
            && scene.near("arrow arrows string strings hair violin cello fiddle target");
    let weapon = "arrow arrows archer archers archery violin violinist cello cellist fiddle viola quiver shoot shot \
                  shooting ribbon ribbons hair gift wrapped rosin knot hunting target dress strings";
    let verb =
        scene.tag(0).starts_with("VB") && (scene.is_infinitive() || scene.has_subject() || scene.begins());
    let bend = verb
        || scene.after("low deep slight polite respectful courtly stiff graceful")
        || scene.before("before down out low deeply politely gracefully slightly respectfully")
        || scene.before("to his her their your my our") && !scene.is_determined();
    let ship = "ship boat stern deck ship's vessel sailors sailor waves starboard port anchor hull yacht audience stage \
                curtain applause king queen emperor curtsy curtsied curtsey greeted greeting polite respect guests \
                crowd host ceremony";
    when(curtain, Second)
        .or_else(|| when(tied, First))
        .or_else(|| when(bend && !scene.near("arrow arrows ribbon"), Second))
        .or_else(|| when(scene.near(weapon), First))
        .or_else(|| when(scene.near(ship), Second))
}

/// Near, or to shut and the end.
pub(super) fn close(scene: &Scene<'_>) -> Option<Reading> {
    let end = scene.word(-1) == "a" && scene.word(-2) == "to"
        || scene.after("the market trading day's") && scene.before("of")
        || scene.before("of");
    let near = scene.before(
        "to by enough friend friends call calls range relative relatives family attention eye together behind ties \
         contact proximity quarters relationship relationships match race second game look encounter encounters combat \
         finish ally allies cousin associate shave fight election colleague colleagues collaboration watch inspection",
    ) || scene.after("very so too how as really pretty quite get gets got getting stay stayed come comes came coming \
                      stand stood sit sat keep kept draw drew hold held extremely fairly dangerously uncomfortably \
                      incredibly is are was were be been being 're 'm 's more this that");
    let object = scene.before(
        "the your his her my our their its this that these those it them a all both up down \
                               early late at soon and or when with",
    );
    let plural = matches!(scene.tag(-1), "NNS" | "NNPS" | "NN" | "NNP")
        && !scene.before("to by enough friends together");
    let wished = scene.is_infinitive() && !scene.after("not n't do did does") || scene.begins();
    let adjective = scene.word(1) == "to" || scene.before("friends together by enough");
    when(end, Second)
        .or_else(|| when(scene.is_infinitive() && !adjective, Second))
        .or_else(|| when((wished || plural) && object && !adjective, Second))
        .or_else(|| when(near, First))
        .or_else(|| when(scene.has_subject() && object, Second))
        .or_else(|| when(plural && scene.ends() && scene.tag(0).starts_with('V'), Second))
}

/// The bird, or the past of "dive".
pub(super) fn dove(scene: &Scene<'_>) -> Option<Reading> {
    let bird = scene.is_determined()
        || scene.after("turtle mourning rock and white peace") && !scene.before("into headfirst under off");
    let leap = scene.before(
        "into in off under underneath down headfirst deep deeper beneath below through from over behind across straight \
         right left headlong for to toward towards after at out",
    ) || scene.has_subject();
    when(bird, First).or_else(|| when(leap, Second))
}

/// To go before, or the metal.
pub(super) fn lead(scene: &Scene<'_>) -> Option<Reading> {
    let thing = scene.before(
        "pipe pipes piping paint paints poisoning acid bullet bullets shot pencil pencils weight weights apron aprons ore \
         ores mine mines mining crystal oxide exposure solder glass roof roofs roofing sinker sinkers contamination battery \
         batteries ingot ingots plumbing alloy alloys smelter smelting shielding dust soldiers shield coffin sheet sheets \
         concentration concentrations nitrate acetate sulfide carbonate foil ball balls slug toxicity residue",
    );
    let noun =
        !scene.tag(0).starts_with("VB") || scene.soon_after("of contains contain containing contained", 1);
    let matter = scene.after("molten melted liquid toxic solid white red contains contain containing contained heavy \
                              poisonous tetraethyl mined mining leached leaching dissolved metallic melt melts")
        || scene.after("of") && (scene.ends() || scene.before("and or in is was are were can from on")) && !scene.before("singer")
        || scene.word(-1) == "the" && scene.soon_after("get gets got", 2) && scene.word(1) == "out"
        || scene.word(-1) == "as" && scene.soon_after("heavy dull grey gray dense", 2)
        || scene.before("in from") && scene.soon_before("water paint gasoline petrol soil blood pipes plumbing toys food ore", 4)
        || scene.before("-") && scene.soon_before("free based lined", 2) && scene.word(2) != "in";
    let metals = "metal metals tin zinc copper mercury cadmium arsenic iron silver gold nickel aluminum aluminium element \
                  elements periodic toxic poison poisonous poisoned density alloy uranium molten smelter melts melt melting \
                  plumber roofers radiation graphite pencil pencils";
    let role = "singer role actor actress guitarist guitar character vocalist developer engineer author investigator designer \
                attorney counsel time story car runner took take takes taking lost lose lengthy point points over goal";
    when(thing, Second)
        .or_else(|| {
            when(
                scene.soon_before(role, 1)
                    || scene.soon_after("took take takes taking in", 2) && scene.after("the"),
                First,
            )
        })
        .or_else(|| when(noun && matter, Second))
        .or_else(|| {
            when(noun && !scene.is_infinitive() && !scene.has_subject() && scene.near(metals), Second)
        })
}

/// To be alive, or alive and as it happens.
pub(super) fn live(scene: &Scene<'_>) -> Option<Reading> {
    let happens = scene.before(
        "music show shows broadcast broadcasts concert concerts stream streams streaming video videos audience audiences \
         tv television performance performances album recording recordings bait animal animals wire wires ammunition ammo \
         event events band bands coverage feed chat version updates traffic data birth births rounds oak oaks poultry \
         lobster lobsters chicken chickens fish bird birds sports report reports demo blog entertainment theater theatre \
         interview interviews session sessions footage tour set news webcast match game games cattle grenade virus \
         viruses vaccine specimens television radio cam webcam debate act acts coals",
    ) || scene.after("broadcast broadcasts perform performs performed performing streamed streaming go goes went going gone \
                      play played playing recorded sang sing sings singing aired airs air televised shown coming 're 'm \
                      is are was were be")
        && !scene.before("in with near alone together longer");
    let exists = scene.is_infinitive()
        || scene.after("i you we they who people still also never always long once ever both all really actually currently \
                        now only just should where families")
        || scene.before("in with near alone together there here forever longer without under among long abroad downtown \
                         upstairs nearby apart");
    when(happens && !(scene.is_infinitive() && scene.before("in with")), Second)
        .or_else(|| when(exists, First))
        .or_else(|| {
            when(scene.soon_after("watch watched watching", 4) && scene.tag(-1).starts_with('N'), Second)
        })
}

/// Is alive, or more than one life.
pub(super) fn lives(scene: &Scene<'_>) -> Option<Reading> {
    let owned = scene.is_determined()
        || scene.after("many save saved saves saving lost lose cost costs claimed human several private ordinary double of \
                        real daily own past other ruined");
    let verb = scene.after("he she it who still also now one currently always never that")
        || scene.before("in with near alone at on together there here upstairs nearby by forever under")
            && !owned;
    when(owned && !scene.after("that"), Second).or_else(|| when(verb, First))
}

/// Sixty seconds, or very small.
pub(super) fn minute(scene: &Scene<'_>) -> Option<Reading> {
    let counted = scene.tag(-1) == "CD" || scene.word(-1) == "-" && scene.tag(-2) == "CD";
    let timed = counted
        || scene.after("last every each next per any half this that another final extra single whole wait");
    let tiny = scene.before(
        "amount amounts detail details quantity quantities particle particles difference differences trace traces change \
         changes fraction fractions crack cracks scratch scratches speck specks organism organisms examination inspection \
         hole holes fragment fragments adjustment adjustments crystal crystals insect insects creature creatures grain \
         grains proportion proportions dose doses movement movements variation variations drop drops scale size bits \
         piece pieces dots droplets droplet concentrations portion portions sample samples imperfections flaw flaws \
         marks fibers fibres animals plants cells writing print handwriting bubbles bacteria sum sums level levels",
    );
    let very = scene.after(
        "very extremely incredibly so too rather relatively absolutely quite almost truly exceedingly \
                            impossibly increasingly remarkably",
    ) && (scene.ends() || scene.before("that but and to in"));
    let is = scene.after("is are was were be seem seems seemed") && scene.ends();
    when(tiny && !counted, Second).or_else(|| when(very || is, Second)).or_else(|| when(timed, First))
}

/// To make shine, or of Poland.
pub(super) fn polish(scene: &Scene<'_>) -> Option<Reading> {
    let shine = scene.begins() && scene.before("the your his her my our this it a all")
        || scene.after("nail shoe furniture silver floor metal to")
        || scene.before("remover");
    when(shine, First)
}

/// The present of the verb and the noun, or its past.
pub(super) fn read(scene: &Scene<'_>) -> Option<Reading> {
    const PAST: &str = "yesterday ago last earlier previously once recently formerly";
    const HABIT: &str = "every always often usually sometimes each daily nowadays regularly rarely seldom whenever tomorrow \
                         generally normally weekly occasionally";
    if let Some(auxiliary) = scene.auxiliary() {
        let plain = MODALS.split(' ').any(|modal| modal == auxiliary);
        let perfect = matches!(
            auxiliary,
            "have"
                | "has"
                | "had"
                | "'ve"
                | "having"
                | "been"
                | "being"
                | "was"
                | "were"
                | "is"
                | "are"
                | "be"
                | "get"
                | "gets"
                | "got"
        );
        // "'d" stands for "had" as well as for "would".
        let had = auxiliary == "'d" && scene.near("already before");
        let noun = scene.is_determined() && scene.tag(0).starts_with("NN");
        return when(plain || noun, First).or_else(|| when(perfect || had, Second));
    }
    if scene.is_determined() && !scene.tag(0).starts_with("VB") {
        return None;
    }
    if scene.after("widely well best") || scene.word(-1) == "-" && scene.soon_after("well widely best", 2) {
        return Some(Second);
    }
    if scene.begins() {
        return Some(if scene.before("by") { Second } else { First });
    }
    if scene.after("he she it everyone everybody nobody someone somebody") {
        return Some(Second);
    }
    let joined = scene.word(-1) == "and" || scene.word(1) == "and";
    let fellow = if scene.word(-1) == "and" { scene.tag(-2) } else { scene.tag(2) };
    if joined && matches!(fellow, "VB" | "VBP" | "VBD") {
        return Some(if fellow == "VBD" { Second } else { First });
    }
    when(scene.near(PAST) || scene.word(-2) == "when" && scene.elsewhere(&["VBD"]), Second)
        .or_else(|| when(scene.near(HABIT) && !scene.elsewhere(&["VBD"]), First))
        .or_else(|| when(scene.tag(0).starts_with("VB") && scene.elsewhere(&["VBD"]), Second))
        .or_else(|| {
            let general = matches!(scene.tag(-1), "NNS" | "WDT") || scene.after("people who you can");
            when(general && scene.elsewhere(&["VBZ", "VBP"]), First)
        })
}

/// To go on, or what one has done so far.
pub(super) fn resume(scene: &Scene<'_>) -> Option<Reading> {
    let paper = scene.is_determined() && !scene.tag(0).starts_with("VB")
        || scene.tag(-1) == "PRP$"
        || scene.soon_after("a my your his her our their the", 1);
    when(paper, Second)
}

/// A line and to pull oars, or a quarrel.
pub(super) fn row(scene: &Scene<'_>) -> Option<Reading> {
    let line = scene.before("of boat boats the a your house houses")
        || scene.after(
            "front back first second third fourth fifth top bottom middle next each every this in per",
        )
        || scene.word(-1) == "a" && scene.word(-2) == "in";
    let loud = scene.after("blazing furious angry terrible heated almighty unholy bitter domestic diplomatic noisy flaming \
                            public huge violent dreadful massive family political fierce ugly flaming stand-up");
    let about = scene.before("over about erupted broke between with") && scene.is_determined();
    let had = scene.soon_after("had have having has kicked kick made make making what started", 4)
        && scene.after("a another terrible huge big the")
        && (scene.ends() || scene.before("with about over last this yesterday and when because"));
    when(line && !loud, First).or_else(|| when(loud || about || had, Second))
}

/// A drain, or one who sews.
pub(super) fn sewer(scene: &Scene<'_>) -> Option<Reading> {
    let drain = "pipe pipes water system line lines drain drains city underground treatment rat rats smell smelled stench \
                 street streets flooded flood tunnel tunnels clogged gas manhole alligator leak sewage overflow toilet storm";
    let craft = "sew sews sewed sewing sewn stitch stitches stitched needle needles thread fabric dress dresses quilt quilts \
                 quilting seam seams cloth garment garments tailor hem hems hemmed embroidery gown curtains shirt shirts \
                 costume costumes knitter pattern patterns scissors clothes skirt buttons wedding";
    when(scene.near(craft) && !scene.near(drain), Second)
}

/// Water of the eye, or to rip.
pub(super) fn tear(scene: &Scene<'_>) -> Option<Reading> {
    let drop = scene.before(
        "fell rolled ran gas drop drops duct ducts stained trickled slid streaked streamed welled dropped \
                             rolling running falling glistened came escaped down",
    ) && !(scene.is_infinitive() && scene.before("down"))
        || scene.after("single shed");
    let rip = scene.is_infinitive()
        || scene.before("up apart off open into out through along it them")
        || scene.word(-1) == "and" && scene.word(-2) == "wear"
        || scene.after("muscle ligament meniscus retinal acl rotator cuff labral hamstring i you we they")
        || scene.before("in") && scene.is_determined() && !scene.soon_before("eye eyes", 3);
    let cloth = "fabric jeans shirt cloth muscle ligament sail sails dress pants trousers coat sleeve net tent paper meniscus \
                 retina seam curtain bag page knee shoulder tendon canvas stitched mend patch";
    let eye = "eye eyes cheek cheeks cry cried crying wept weep weeping sad sadness wiped wipe shed face joy emotion sorrow";
    when(drop, First)
        .or_else(|| when(rip, Second))
        .or_else(|| when(scene.near(eye), First))
        .or_else(|| when(scene.near(cloth), Second))
}

/// Waters of the eye, or rips.
pub(super) fn tears(scene: &Scene<'_>) -> Option<Reading> {
    let drops = scene.after("in into to of with shed sheds shedding her his my their your no burst bitter salty wiped wiping fighting \
                             holding through back and the more")
        && !scene.before("apart up")
        || scene.before("of fell rolled ran streamed streaming rolling running welled came flowed filled in");
    let rips = scene.after("he she it who that never always often")
        || scene.before("up apart down off open through it them the a easily into")
        || scene.after("muscle ligament meniscus acl rotator cuff");
    when(rips && !scene.after("of her his with in shed"), Second).or_else(|| when(drops, First))
}

/// Moving air, or to turn.
pub(super) fn wind(scene: &Scene<'_>) -> Option<Reading> {
    let air = scene.before(
        "blew blows blow blowing turbine turbines power farm farms chill tunnel speed speeds instrument instruments chime \
         chimes gust gusts energy was is are were howled whistled howling picked died direction advisory velocity carried \
         section blown resistance shear",
    ) || scene.is_determined() && !scene.before("up through around its")
        || scene.after("solar of north south east west cold strong high trade");
    let turn = scene.is_infinitive()
        && scene.before("the your a his her my up down back around its it this through along")
        || scene.begins() && scene.before("the your a up down back it this his her")
        || scene.before("through along around its past up")
            && (matches!(scene.tag(-1), "NN" | "NNS" | "NNP") || scene.has_subject())
        || scene.before("up down") && scene.has_subject();
    when(turn, Second).or_else(|| when(air, First))
}

/// An injury, or the past of "wind".
pub(super) fn wound(scene: &Scene<'_>) -> Option<Reading> {
    let turned = scene.before("up around down back its through the his her it along tightly round")
        && (matches!(scene.tag(-1), "NN" | "NNS" | "NNP" | "RB") || scene.has_subject())
        || scene.after("tightly was were is are had has have been")
            && scene.before("up around tightly tight down round");
    when(turned && !scene.is_determined(), Second).or_else(|| when(scene.is_determined(), First))
}
