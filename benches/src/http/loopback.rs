//! Requests over the loopback device: a server with one thread in a process of its own, and a client that keeps its connections.

use std::env;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::pages::{ALL, STORED, Way};
use crate::Effort;
use crate::report::{Section, Target};

/// Connections that are asked on at the same time.
const CONNECTIONS: usize = 16;

/// In a process of its own: serves every way under the number of its row, and prints the port. Ends when its input does.
pub(crate) fn serve() -> ! {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        println!("{}", listener.local_addr().expect("it is bound").port());
        let app =
            ALL.iter().enumerate().fold(Router::new(), |app, (row, way)| app.nest(&format!("/{row}"), (way.router)()));
        std::thread::spawn(|| {
            // Whoever started it has ended.
            _ = io::stdin().read_line(&mut String::new());
            std::process::exit(0);
        });
        axum::serve(listener, app).await.expect("it listens");
    });
    std::process::exit(0)
}

/// A server that ends with this.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start() -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        let mut child = command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let port = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { child, port })
    }
}

impl Server {
    /// For how many microseconds its thread has run, where the system tells: what else the machine does is not in it.
    fn ran(&self) -> f64 {
        let times = std::fs::read_to_string(format!("/proc/{}/schedstat", self.child.id())).unwrap_or_default();
        let ran = times.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
        ran.map_or(f64::NAN, |nanos| nanos / 1_000.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A connection, and what was read of it.
struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(1 << 16) })
    }

    /// Sends a request and reads its response to the last byte: the status, and the head.
    async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, String)> {
        self.stream.write_all(request).await?;
        self.read.clear();
        let (head, end) = loop {
            let ended = self.read.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(at) = ended {
                let head = String::from_utf8_lossy(self.read.get(..at).unwrap_or_default()).to_ascii_lowercase();
                let length = field(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
                break (head, at + 4 + length);
            }
            self.fill().await?;
        };
        while self.read.len() < end {
            self.fill().await?;
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.ok_or_else(|| io::Error::other("no status"))?, head))
    }

    async fn fill(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// The value of a header in a head in lower case.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// What a round of one way came to.
#[derive(Clone, Copy, Debug)]
struct Round {
    per_second: f64,
    median: f64,
    slowest: f64,
    requests: f64,
}

/// Asks for as long as that on all connections.
async fn round(port: u16, request: &[u8], expected: u16, time: Duration) -> io::Result<Round> {
    let mut tasks = Vec::new();
    let end = Instant::now() + time;
    let started = Instant::now();
    for _ in 0..CONNECTIONS {
        let request = request.to_vec();
        tasks.push(tokio::task::spawn_local(async move {
            let mut connection = Connection::open(port).await?;
            let mut times = Vec::new();
            while Instant::now() < end {
                let asked = Instant::now();
                let (status, _) = connection.ask(&request).await?;
                times.push(asked.elapsed().as_nanos() as f64 / 1_000.0);
                assert_eq!(status, expected, "another response than was measured");
            }
            io::Result::Ok(times)
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.map_err(io::Error::other)??);
    }
    let per_second = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or(f64::NAN);
    Ok(Round { per_second, median: at(50), slowest: at(99), requests: times.len() as f64 })
}

/// What is known of a way after all rounds.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    best: Option<Round>,
    /// Microseconds that the server's thread ran, and for how many requests.
    ran: f64,
    requests: f64,
}

/// The best rounds of each way, and what the server did in all of them.
async fn rounds(server: &Server, effort: Effort) -> io::Result<Vec<Known>> {
    let port = server.port;
    let mut requests = Vec::new();
    for (row, Way { known, .. }) in ALL.iter().enumerate() {
        let plain = format!("GET /{row}/page/7 HTTP/1.1\r\nhost: a.org\r\n");
        let (_, head) = Connection::open(port).await?.ask(format!("{plain}\r\n").as_bytes()).await?;
        let tag = field(&head, "etag").filter(|_| *known);
        // What was put into lower case is a tag in lower case.
        let condition = tag.map(|tag| format!("if-none-match: {}\r\n", tag.replace("w/", "W/"))).unwrap_or_default();
        requests.push((format!("{plain}{condition}\r\n"), if *known { 304 } else { 200 }));
    }
    let mut found = vec![Known::default(); requests.len()];
    for _ in 0..effort.rounds {
        for (known, (request, expected)) in found.iter_mut().zip(&requests) {
            let before = server.ran();
            let round = round(port, request.as_bytes(), *expected, Duration::from_millis(400)).await?;
            known.ran += server.ran() - before;
            known.requests += round.requests;
            if known.best.is_none_or(|best| best.per_second < round.per_second) {
                known.best = Some(round);
            }
        }
    }
    Ok(found)
}

pub(super) fn measure(effort: Effort, section: &mut Section) -> io::Result<()> {
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let found = tokio::task::LocalSet::new().block_on(&runtime, rounds(&server, effort))?;
    section.paragraph(&format!(
        "Requests over the loopback device on {CONNECTIONS} connections that are kept, one thread for the server and one for the client: the round with most \
         requests of each way, and how long a request took in it; and how long the server's thread ran for a request, over all rounds, which depends less on \
         what else the machine does. One page.",
    ));
    let rows: Vec<_> = ALL
        .iter()
        .zip(&found)
        .map(|(way, known)| {
            let of = |number: fn(&Round) -> f64| known.best.as_ref().map(number);
            let numbers = vec![
                of(|round| round.per_second),
                of(|round| round.median),
                of(|round| round.slowest),
                Some(known.ran / known.requests),
            ];
            (way.name.to_owned(), numbers)
        })
        .collect();
    section.table(
        "loopback",
        &["requests/s", "p50, µs", "p99, µs", "server, µs per request"].map(str::to_owned),
        &rows,
    );
    let of = |name: &str| {
        let row = ALL.iter().position(|way| way.name == name).and_then(|row| found.get(row));
        row.map_or(f64::NAN, |known| known.ran / known.requests)
    };
    section.targets(&[Target::at_most(
        "server's time for a stored response over that for a page that is made",
        1.0,
        of(STORED) / of("not cached"),
    )]);
    Ok(())
}
