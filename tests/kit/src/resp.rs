//! The smallest Redis client: one command, one reply, over the Unix socket of a server.

use std::fmt::{self, Display, Formatter};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// The user of the kit's own connections, who may do everything whatever a test does to the others.
pub(crate) const USER: &str = "kit";
/// That user's password.
pub(crate) const PASSWORD: &str = "kit";

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing is there.
    Nil,
    /// A number.
    Int(i64),
    /// A value, or a word such as `OK`.
    Text(Vec<u8>),
    /// Several.
    Array(Vec<Reply>),
    /// The command failed: the first word is the code.
    Error(String),
}

impl Reply {
    /// The replies of an array; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Reply] {
        if let Reply::Array(items) = self { items } else { &[] }
    }
}

/// As `redis-cli` prints it into a pipe: each thing on its own line, an empty line for nothing.
impl Display for Reply {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Nil => Ok(()),
            Reply::Int(number) => write!(f, "{number}"),
            Reply::Text(text) => f.write_str(&String::from_utf8_lossy(text)),
            Reply::Error(text) => f.write_str(text),
            Reply::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index > 0 { "\n" } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection(BufReader<UnixStream>);

impl Connection {
    /// Connects and logs in. Nothing on it takes longer than `patience`, so that a frozen server does not freeze a test.
    pub(crate) fn open(socket: &Path, patience: Duration) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        let mut connection = Self(BufReader::new(stream));
        match connection.call(&["AUTH", USER, PASSWORD])? {
            Reply::Error(error) => Err(io::Error::other(error)),
            _ => Ok(connection),
        }
    }

    pub(crate) fn call<A: AsRef<[u8]>>(&mut self, words: &[A]) -> io::Result<Reply> {
        let mut command = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            command.extend_from_slice(format!("${}\r\n", word.as_ref().len()).as_bytes());
            command.extend_from_slice(word.as_ref());
            command.extend_from_slice(b"\r\n");
        }
        self.0.get_mut().write_all(&command)?;
        self.reply()
    }

    fn reply(&mut self) -> io::Result<Reply> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let Some(rest) = line.strip_suffix("\r\n").filter(|rest| !rest.is_empty()) else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let (kind, rest) = rest.split_at(1);
        let number = || rest.parse::<i64>().map_err(io::Error::other);
        match kind {
            "+" => Ok(Reply::Text(rest.into())),
            "-" => Ok(Reply::Error(rest.into())),
            ":" => Ok(Reply::Int(number()?)),
            "$" | "*" => match (kind, usize::try_from(number()?)) {
                (_, Err(_)) => Ok(Reply::Nil),
                ("*", Ok(count)) => (0..count).map(|_| self.reply()).collect::<io::Result<_>>().map(Reply::Array),
                (_, Ok(length)) => {
                    let mut text = vec![0; length + 2];
                    self.0.read_exact(&mut text)?;
                    text.truncate(length);
                    Ok(Reply::Text(text))
                }
            },
            _ => Err(io::Error::other(format!("not a reply: {line:?}"))),
        }
    }
}
