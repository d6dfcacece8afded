//! The source: numbers that only grow, held by one process and read by all over a line of TCP. It counts how often it is read.

use std::io::{BufRead, BufReader, Write};
use std::mem;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

use larder_kit::clock;

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

/// One connection to it, and what was loaded by it.
#[derive(Debug)]
pub(crate) struct Line {
    stream: Mutex<BufReader<TcpStream>>,
    loads: Mutex<Vec<Load>>,
}

/// One run of a body.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) key: usize,
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) version: u64,
}

impl Line {
    pub(crate) fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: Mutex::new(BufReader::new(stream)), loads: Mutex::default() }
    }

    fn ask(&self, what: char, key: usize) -> u64 {
        let mut stream = self.stream.lock().unwrap();
        writeln!(stream.get_mut(), "{what} {key}").unwrap();
        let mut answer = String::new();
        stream.read_line(&mut answer).unwrap();
        answer.trim().parse().unwrap()
    }

    pub(crate) fn get(&self, key: usize) -> u64 {
        self.ask('g', key)
    }

    /// The same for the body of a function.
    pub(crate) fn load(&self, key: usize) -> u64 {
        let begin = clock::now();
        let version = self.get(key);
        self.loads.lock().unwrap().push(Load { key, begin, end: clock::now(), version });
        version
    }

    /// All of these.
    pub(crate) fn loads(&self) -> Vec<Load> {
        mem::take(&mut *self.loads.lock().unwrap())
    }

    pub(crate) fn add(&self, key: usize) -> u64 {
        self.ask('a', key)
    }
}
