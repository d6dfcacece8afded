//! The source: numbers that only grow, held by one process and read by all over a line of TCP. It counts how often it is read.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) const KEYS: usize = 6;

#[derive(Debug, Default)]
struct Numbers {
    values: [AtomicU64; KEYS],
    reads: AtomicU64,
}

/// Where the numbers are. They end with the test process.
#[derive(Debug)]
pub(crate) struct Source {
    numbers: Arc<Numbers>,
    port: u16,
}

impl Source {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let source = Self { numbers: Arc::default(), port: listener.local_addr().unwrap().port() };
        let numbers = source.numbers.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let numbers = numbers.clone();
                thread::spawn(move || serve(&stream, &numbers));
            }
        });
        source
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn reads(&self) -> u64 {
        self.numbers.reads.load(SeqCst)
    }
}

/// `g 3` reads a number, `a 3` adds one to it.
fn serve(stream: &TcpStream, numbers: &Numbers) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut answers = stream.try_clone().ok()?;
    for line in BufReader::new(stream).lines() {
        let line = line.ok()?;
        let (what, key) = line.split_once(' ')?;
        let number = numbers.values.get(key.parse::<usize>().ok()?)?;
        let answer = if what == "a" {
            number.fetch_add(1, SeqCst) + 1
        } else {
            numbers.reads.fetch_add(1, SeqCst);
            number.load(SeqCst)
        };
        writeln!(answers, "{answer}").ok()?;
    }
    Some(())
}

/// One connection to it.
#[derive(Debug)]
pub(crate) struct Line(Mutex<BufReader<TcpStream>>);

impl Line {
    pub(crate) fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(Mutex::new(BufReader::new(stream)))
    }

    fn ask(&self, what: char, key: usize) -> u64 {
        let mut stream = self.0.lock().unwrap();
        writeln!(stream.get_mut(), "{what} {key}").unwrap();
        let mut answer = String::new();
        stream.read_line(&mut answer).unwrap();
        answer.trim().parse().unwrap()
    }

    pub(crate) fn get(&self, key: usize) -> u64 {
        self.ask('g', key)
    }

    pub(crate) fn add(&self, key: usize) -> u64 {
        self.ask('a', key)
    }
}
