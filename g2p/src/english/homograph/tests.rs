use std::sync::LazyLock;

use super::*;
use crate::english::English;
use crate::language::Language;
use crate::phonemizer::Phonemizer;

static US: LazyLock<English> = LazyLock::new(|| English::load(Language::EnUs));

/// Sentences with the American sound that one of their words must have.
const SENTENCES: [(&str, &str); 108] = [
    ("The roof is covered with sheets of lead.", "lˈɛd"),
    ("Old houses may have lead pipes.", "lˈɛd"),
    ("The soil was full of lead and zinc.", "lˈɛd"),
    ("Lead poisoning harms children.", "lˈɛd"),
    ("This box is as heavy as lead.", "lˈɛd"),
    ("Molten lead filled the mold.", "lˈɛd"),
    ("She will lead the team.", "lˈid"),
    ("He took the lead in the race.", "lˈid"),
    ("The lead singer forgot the words.", "lˈid"),
    ("Good habits lead to success.", "lˈid"),
    ("He plays bass in a jazz band.", "bˈAs"),
    ("The bass player broke a string.", "bˈAs"),
    ("Turn down the bass, the music is too loud.", "bˈAs"),
    ("Her brother sings bass in the choir.", "bˈAs"),
    ("We went bass fishing on the lake.", "bˈæs"),
    ("He caught a huge bass in the river.", "bˈæs"),
    ("Grilled sea bass is on the menu.", "bˈæs"),
    ("The actors took a final bow.", "bˈW"),
    ("You must bow to the queen.", "bˈW"),
    ("They bow their heads in prayer.", "bˈW"),
    ("The sailor stood at the bow of the ship.", "bˈW"),
    ("He bowed before the king.", "bˈWd"),
    ("The hunter carried a bow and arrows.", "bˈO"),
    ("She drew the bow across the violin strings.", "bˈO"),
    ("He wore a black bow tie.", "bˈO"),
    ("She tied a red bow in her hair.", "bˈO"),
    ("There were minute particles in the water.", "mInˈut"),
    ("He described it in minute detail.", "mInˈut"),
    ("The difference is minute.", "mInˈut"),
    ("The cracks were so minute that nobody saw them.", "mInˈut"),
    ("Wait a minute, please.", "mˈɪnət"),
    ("It was a five minute walk.", "mˈɪnət"),
    ("He arrived at the last minute.", "mˈɪnət"),
    ("The sewer finished the wedding dress.", "sˈOəɹ"),
    ("A good sewer keeps her needles sharp.", "sˈOəɹ"),
    ("The sewer was clogged again.", "sˈuəɹ"),
    ("Rats live in the sewer under the street.", "sˈuəɹ"),
    ("They read a story every evening.", "ɹˈid"),
    ("I always read before bed.", "ɹˈid"),
    ("Did you read the letter?", "ɹˈid"),
    ("I want to read that book.", "ɹˈid"),
    ("She had read it twice.", "ɹˈɛd"),
    ("We read that book last year.", "ɹˈɛd"),
    ("I read the news yesterday.", "ɹˈɛd"),
    ("He read the sign and stopped.", "ɹˈɛd"),
    ("The letter was read aloud.", "ɹˈɛd"),
    ("Read the instructions first.", "ɹˈid"),
    ("Have you read it?", "ɹˈɛd"),
    ("Most children can read and write.", "ɹˈid"),
    ("Be careful not to tear your dress.", "tˈɛɹ"),
    ("Please tear up this letter.", "tˈɛɹ"),
    ("There is a tear in my jeans.", "tˈɛɹ"),
    ("It was normal wear and tear.", "tˈɛɹ"),
    ("A tear rolled down her cheek.", "tˈɪɹ"),
    ("He wiped a tear from his eye.", "tˈɪɹ"),
    ("She burst into tears.", "tˈɪɹz"),
    ("The police used tear gas.", "tˈɪɹ"),
    ("He tears the paper in half.", "tˈɛɹz"),
    ("The neighbors had a terrible row last night.", "ɹˈW"),
    ("A row about money broke out between them.", "ɹˈW"),
    ("We sat in the front row.", "ɹˈO"),
    ("They won three games in a row.", "ɹˈO"),
    ("Can you row a boat?", "ɹˈO"),
    ("A row of trees lined the street.", "ɹˈO"),
    ("You have to wind the clock every day.", "wˈInd"),
    ("Wind the yarn into a ball.", "wˈInd"),
    ("The path winds through the hills.", "wˈIndz"),
    ("A cold wind blew from the north.", "wˈɪnd"),
    ("The wind howled all night.", "wˈɪnd"),
    ("Wind turbines make electricity.", "wˈɪnd"),
    ("Strong winds damaged the roof.", "wˈɪndz"),
    ("The swimmer dove into the lake.", "dˈOv"),
    ("He dove for cover.", "dˈOv"),
    ("We dove off the pier.", "dˈOv"),
    ("A white dove sat on the roof.", "dˈʌv"),
    ("The dove is a symbol of peace.", "dˈʌv"),
    ("Please close the door.", "klˈOz"),
    ("The shops close at six.", "klˈOz"),
    ("Did you close the window?", "klˈOz"),
    ("The meeting came to a close.", "klˈOz"),
    ("Close your eyes.", "klˈOz"),
    ("My house is close to the station.", "klˈOs"),
    ("They are close friends.", "klˈOs"),
    ("That was a close call.", "klˈOs"),
    ("Stay close to me.", "klˈOs"),
    ("Pay close attention to this.", "klˈOs"),
    ("Do not get too close.", "klˈOs"),
    ("I live near the sea.", "lˈɪv"),
    ("Where do you live?", "lˈɪv"),
    ("They want to live forever.", "lˈɪv"),
    ("We saw a live show.", "lˈIv"),
    ("The game was broadcast live.", "lˈIv"),
    ("The band played live music.", "lˈIv"),
    ("Do not touch the live wire.", "lˈIv"),
    ("Doctors save lives.", "lˈIvz"),
    ("She lives in London.", "lˈɪvz"),
    ("A cat has nine lives.", "lˈIvz"),
    ("She wound the rope around the post.", "wˈWnd"),
    ("The wound healed slowly.", "wˈund"),
    ("Send us your resume today.", "ɹˈɛzəmˌA"),
    ("Work will resume on Monday.", "ɹəzˈum"),
    ("Polish the silver before dinner.", "pˈɑlɪʃ"),
    ("She speaks Polish at home.", "pˈOlɪʃ"),
    ("Tears ran down his face.", "tˈɪɹz"),
    ("A tear in the painting was mended.", "tˈɛɹ"),
    ("There was a tear in her eye.", "tˈɪɹ"),
    ("She plays the bass.", "bˈAs"),
    ("Lead is a heavy metal.", "lˈɛd"),
];

#[test]
fn the_words_around_choose_the_reading() {
    let wrong: Vec<_> = SENTENCES
        .iter()
        .map(|&(sentence, sound)| (sentence, sound, US.phonemize(sentence).phonemes))
        .filter(|(_, sound, said)| !said.split(|c: char| !c.is_alphabetic()).any(|word| word == *sound))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn spellings_are_sorted_so_that_look_up_may_halve() {
    assert!(HOMOGRAPHS.windows(2).all(|pair| pair[0].spelling < pair[1].spelling));
}

#[test]
fn sounds_are_in_the_vocabulary() {
    for homograph in &HOMOGRAPHS {
        for sound in homograph.us.iter().chain(&homograph.gb) {
            assert!(sound.chars().all(|c| crate::vocabulary::token_id(c).is_some()), "{sound}");
        }
    }
}

#[test]
fn british_readings_are_british() {
    let british = English::load(Language::EnGb);
    assert!(british.phonemize("There is a tear in my jeans.").phonemes.contains("tˈɛː"));
    assert!(british.phonemize("In minute detail.").phonemes.contains("mInjˈuːt"));
}
