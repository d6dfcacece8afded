//! The words the shop's goods are named with: makers, shelves, customers, reviews.
//!
//! Data only; `seed.rs` combines it.

/// One category: a product is a maker, a quality, a kind and a size.
pub(crate) struct Shelf {
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) blurb: &'static str,
    /// What it is, and what the smallest size costs in pence.
    pub(crate) kinds: [(&'static str, i64); 10],
    pub(crate) qualities: [&'static str; 10],
    /// How much of it, and its price in percent of the smallest.
    pub(crate) sizes: [(&'static str, i64); 3],
    /// What it is good for, in a sentence.
    pub(crate) uses: [&'static str; 6],
}

pub(crate) const MAKERS: [&str; 24] = [
    "Alder & Finch", "Ashcombe", "Barrowfield", "Bramble Yard", "Coldwater", "Corran Bay", "Dunmore", "Eastgate",
    "Fennimore", "Gorse Hill", "Hartwell", "Hollin & Daughters", "Inverly", "Juniper Row", "Kestrel", "Linden Mill",
    "Marlow Lane", "Northmoor", "Orchard Cross", "Penhallow", "Quillan", "Rookery Farm", "Saltmarsh", "Thistledown",
];

pub(crate) const PLACES: [&str; 16] = [
    "a converted barn in Shropshire", "a family workshop in Sheffield", "a harbour town in Cornwall",
    "a small valley in Piedmont", "the hills above Porto", "a village outside Lyon", "a cooperative in Kerala",
    "the Northumbrian coast", "an old mill in Perthshire", "a farm in the Welsh Marches", "a walled garden in Kent",
    "the plains of La Mancha", "a workshop in Jutland", "the islands of the Hebrides", "a hillside in Crete",
    "a side street in Ghent",
];

pub(crate) const MAKINGS: [&str; 12] = [
    "Made in batches small enough to count", "Made the slow way, and better for it",
    "Prepared by hand twice a week", "Made to a recipe that has not changed since 1954",
    "Checked, weighed and packed by hand", "Made by three people and one very old machine",
    "Made with more patience than is strictly reasonable", "Finished by hand and packed the same day",
    "Made from a short list of honest things", "Chosen by our buyers after a long and happy tasting",
    "Made to order every month", "Made with nothing hidden and nothing hurried",
];

pub(crate) const KEEPINGS: [&str; 8] = [
    "Keeps for a year in a cool, dark cupboard.", "Arrives in a box that can be composted.",
    "Store it away from light, heat and guests.", "Packed in paper and returnable glass.",
    "Comes with a card that says how best to use it.", "A steady favourite of our own kitchen.",
    "Sends well, wrapped in straw.", "Ask us if you need a larger quantity.",
];

pub(crate) const SHELVES: [Shelf; 12] = [
    Shelf {
        slug: "tea",
        name: "Tea",
        blurb: "Leaves, flowers and roots for the pot.",
        kinds: [
            ("Assam", 540), ("Darjeeling", 780), ("Earl Grey", 560), ("Lapsang Souchong", 690),
            ("Jasmine Green Tea", 720), ("Oolong", 890), ("Peppermint Tea", 390), ("Chamomile Tea", 420),
            ("Breakfast Blend", 480), ("Rooibos", 450),
        ],
        qualities: [
            "Loose-leaf", "First Flush", "Single-estate", "Organic", "Hand-rolled", "Golden Tip", "Hillside",
            "Decaffeinated", "Smoky", "Summer",
        ],
        sizes: [("80 g", 100), ("150 g", 170), ("500 g", 480)],
        uses: [
            "Lovely with milk and a slow morning.", "Best without milk, brewed for three minutes.",
            "Good iced, with a slice of lemon.", "A gentle cup for the end of the day.",
            "Strong enough to hold up a spoon.", "Bright and floral, with a long finish.",
        ],
    },
    Shelf {
        slug: "coffee",
        name: "Coffee",
        blurb: "Roasted this week, ground when you say so.",
        kinds: [
            ("Espresso Beans", 890), ("Filter Coffee", 820), ("Decaf Beans", 940), ("Cold Brew Blend", 860),
            ("House Blend", 760), ("Peaberry", 1190), ("Breakfast Roast", 780), ("Single Farm Lot", 1290),
            ("Coffee Bags", 590), ("Moka Grind", 840),
        ],
        qualities: [
            "Dark-roast", "Medium-roast", "Light-roast", "Washed", "Natural", "Honey-process", "High-grown",
            "Shade-grown", "Organic", "Fair-trade",
        ],
        sizes: [("250 g", 100), ("500 g", 185), ("1 kg", 340)],
        uses: [
            "Chocolate and hazelnut in the cup.", "Bright, with red fruit and honey.",
            "Made for milk, and good without.", "Low in acid and easy to drink all day.",
            "Ground coarse for the press.", "Sweet, round, and hard to brew badly.",
        ],
    },
    Shelf {
        slug: "spices",
        name: "Spices & Salt",
        blurb: "Whole, ground and blended, milled this season.",
        kinds: [
            ("Paprika", 340), ("Cumin Seed", 310), ("Black Pepper", 420), ("Cinnamon Quills", 480),
            ("Cardamom Pods", 690), ("Turmeric", 320), ("Chilli Flakes", 330), ("Saffron", 1290), ("Sea Salt", 290),
            ("Garam Masala", 380),
        ],
        qualities: [
            "Smoked", "Whole", "Freshly Milled", "Sun-dried", "Toasted", "Wild", "Hand-picked", "Coarse", "Sweet",
            "Hot",
        ],
        sizes: [("40 g jar", 100), ("100 g refill", 180), ("250 g tin", 390)],
        uses: [
            "Wakes up roast vegetables and slow stews.", "A pinch is plenty.", "Good in baking, better in rice.",
            "The first thing into hot oil.", "Finish eggs, tomatoes and grilled fish with it.",
            "Warm rather than fierce.",
        ],
    },
    Shelf {
        slug: "oils",
        name: "Oils & Vinegars",
        blurb: "For dressing, frying and finishing.",
        kinds: [
            ("Olive Oil", 1190), ("Rapeseed Oil", 690), ("Walnut Oil", 980), ("Sesame Oil", 590),
            ("Balsamic Vinegar", 1290), ("Sherry Vinegar", 790), ("Cider Vinegar", 490), ("Red Wine Vinegar", 520),
            ("Chilli Oil", 640), ("Lemon Oil", 890),
        ],
        qualities: [
            "Extra Virgin", "Cold-pressed", "Unfiltered", "Barrel-aged", "Early Harvest", "Organic", "Toasted",
            "Raw", "Mild", "Peppery",
        ],
        sizes: [("250 ml", 100), ("500 ml", 175), ("1 l", 310)],
        uses: [
            "Bread, salt and this: supper.", "Dresses bitter leaves beautifully.",
            "Takes high heat without complaint.", "A few drops at the end, not more.", "Sharp enough for pickles.",
            "Good over vanilla ice cream, truly.",
        ],
    },
    Shelf {
        slug: "preserves",
        name: "Preserves & Honey",
        blurb: "Summer, in jars.",
        kinds: [
            ("Raspberry Jam", 420), ("Orange Marmalade", 430), ("Lemon Curd", 450), ("Wildflower Honey", 690),
            ("Plum Chutney", 440), ("Quince Paste", 520), ("Blackcurrant Jelly", 430), ("Fig Relish", 490),
            ("Apple Butter", 410), ("Pickled Walnuts", 560),
        ],
        qualities: [
            "Thick-cut", "Fine-cut", "Low-sugar", "Old-fashioned", "Spiced", "Late-harvest", "Orchard", "Hedgerow",
            "Raw", "Kettle-cooked",
        ],
        sizes: [("220 g", 100), ("340 g", 140), ("1 kg", 330)],
        uses: [
            "On toast, obviously.", "Made for hard cheese and a fire.", "Stir a spoonful into gravy.",
            "The answer to a plain yoghurt.", "Fills a sponge or a quiet afternoon.",
            "Set softly, with whole fruit.",
        ],
    },
    Shelf {
        slug: "baking",
        name: "Flour & Baking",
        blurb: "For bread, cake and everything between.",
        kinds: [
            ("Bread Flour", 290), ("Rye Flour", 310), ("Plain Flour", 240), ("Spelt Flour", 360),
            ("Cocoa Powder", 520), ("Vanilla Extract", 890), ("Baking Chocolate", 480), ("Almond Meal", 640),
            ("Sourdough Starter", 590), ("Brown Sugar", 280),
        ],
        qualities: [
            "Stoneground", "Strong White", "Wholegrain", "Organic", "Heritage", "Unbleached", "Fine", "Dark",
            "Double-sifted", "Malted",
        ],
        sizes: [("500 g", 100), ("1.5 kg", 240), ("5 kg", 690)],
        uses: [
            "Gives an open crumb and a proper crust.", "Behaves itself in cakes and biscuits.",
            "Good for long, cold proving.", "Adds depth to brownies and chilli alike.",
            "Blend it half and half with white.", "Forgiving for a first loaf.",
        ],
    },
    Shelf {
        slug: "grains",
        name: "Pasta & Grains",
        blurb: "The shelf that saves weekday supper.",
        kinds: [
            ("Spaghetti", 290), ("Rigatoni", 300), ("Risotto Rice", 390), ("Basmati Rice", 380),
            ("Pearl Barley", 240), ("Puy Lentils", 320), ("Butter Beans", 290), ("Couscous", 260),
            ("Rolled Oats", 220), ("Polenta", 270),
        ],
        qualities: [
            "Bronze-cut", "Slow-dried", "Stoneground", "Organic", "Wholegrain", "Aged", "Small-farm", "Quick-cook",
            "Heritage", "Jumbo",
        ],
        sizes: [("500 g", 100), ("1 kg", 185), ("3 kg", 490)],
        uses: [
            "Holds sauce in every groove.", "Cooks in the time it takes to set a table.",
            "Wants butter, stock and patience.", "Keeps its shape in salads.", "Breakfast, if you plan ahead.",
            "A store-cupboard supper in twenty minutes.",
        ],
    },
    Shelf {
        slug: "pans",
        name: "Pots & Pans",
        blurb: "Iron, steel and copper that outlive us.",
        kinds: [
            ("Casserole", 8900), ("Frying Pan", 4900), ("Saucepan", 5400), ("Stockpot", 7900),
            ("Griddle Pan", 4600), ("Roasting Tin", 3900), ("Wok", 4200), ("Milk Pan", 2900), ("Sauté Pan", 6900),
            ("Loaf Tin", 1900),
        ],
        qualities: [
            "Cast-iron", "Carbon Steel", "Copper", "Enamelled", "Stainless", "Hammered", "Heavy-base",
            "Pre-seasoned", "Triple-ply", "Matt Black",
        ],
        sizes: [("small", 100), ("medium", 135), ("large", 180)],
        uses: [
            "Goes from hob to oven to table.", "Heats evenly and keeps it.", "Gets better every time it is used.",
            "Light enough to toss with one hand.", "Pours without dribbling.", "Works on induction.",
        ],
    },
    Shelf {
        slug: "knives",
        name: "Knives & Boards",
        blurb: "Sharp things, and what to use them on.",
        kinds: [
            ("Chef's Knife", 7900), ("Paring Knife", 2400), ("Bread Knife", 4900), ("Santoku", 8400),
            ("Cleaver", 6900), ("Boning Knife", 4200), ("Chopping Board", 3900), ("Sharpening Stone", 3200),
            ("Carving Set", 9900), ("Oyster Knife", 1900),
        ],
        qualities: [
            "Forged", "Folded Steel", "Oak-handled", "Walnut", "Carbon Steel", "Stainless", "Olive-wood",
            "Hand-ground", "Slim", "Traditional",
        ],
        sizes: [("short", 100), ("standard", 120), ("long", 150)],
        uses: [
            "Takes an edge and holds it.", "Balanced, with room for knuckles.",
            "Wash it by hand and dry it at once.", "Kind to a blade and heavy enough to stay put.",
            "Slices a tomato under its own weight.", "The one you will reach for.",
        ],
    },
    Shelf {
        slug: "tableware",
        name: "Tableware",
        blurb: "Plates, bowls and glasses for every day.",
        kinds: [
            ("Dinner Plate", 1600), ("Soup Bowl", 1400), ("Mug", 1200), ("Serving Dish", 3400),
            ("Water Glass", 790), ("Wine Glass", 1190), ("Teapot", 3900), ("Milk Jug", 1500), ("Butter Dish", 1800),
            ("Egg Cup", 690),
        ],
        qualities: [
            "Stoneware", "Porcelain", "Speckled", "Reactive-glaze", "Hand-thrown", "Recycled", "Ribbed", "Cream",
            "Slate-blue", "Moss-green",
        ],
        sizes: [("single", 100), ("set of two", 190), ("set of four", 360)],
        uses: [
            "Safe in the dishwasher and the microwave.", "No two are quite the same.",
            "Stacks neatly and chips rarely.", "Feels good in the hand.", "Quiet enough to let the food talk.",
            "Looks right with what you already have.",
        ],
    },
    Shelf {
        slug: "storage",
        name: "Jars & Storage",
        blurb: "A place for everything else on these shelves.",
        kinds: [
            ("Preserving Jar", 490), ("Storage Jar", 890), ("Bread Bin", 4200), ("Cake Tin", 1900),
            ("Spice Rack", 3400), ("Salt Pig", 1600), ("Lunch Box", 1700), ("Fermenting Crock", 3900),
            ("Oil Bottle", 1100), ("Egg Rack", 1500),
        ],
        qualities: [
            "Clip-top", "Airtight", "Cork-lidded", "Enamelled", "Beechwood", "Amber Glass", "Galvanised",
            "Stoneware", "Stacking", "Wall-hung",
        ],
        sizes: [("small", 100), ("medium", 140), ("large", 190)],
        uses: [
            "Keeps biscuits crisp and moths out.", "Seals with a satisfying clunk.", "Fits a full bag of flour.",
            "Easy to fill, easier to clean.", "Good for pickles, grains and string.",
            "Looks too nice to hide in a cupboard.",
        ],
    },
    Shelf {
        slug: "linen",
        name: "Kitchen Linen",
        blurb: "Cloths that work for a living.",
        kinds: [
            ("Tea Towel", 890), ("Apron", 2900), ("Oven Glove", 1600), ("Napkins", 1900), ("Tablecloth", 4900),
            ("Table Runner", 2900), ("Bread Bag", 1200), ("Dish Cloths", 790), ("Pot Holder", 990),
            ("Jelly Bag", 690),
        ],
        qualities: [
            "Washed Linen", "Striped Cotton", "Heavyweight", "Herringbone", "Waffle-weave", "Indigo", "Undyed",
            "Checked", "Quilted", "Block-printed",
        ],
        sizes: [("single", 100), ("pair", 185), ("set of four", 350)],
        uses: [
            "Dries glasses without a trace of lint.", "Softer with every wash.", "Wash it hot, forget to iron it.",
            "Long enough to be useful.", "Takes stains as decoration.", "Good enough to give away.",
        ],
    },
];

pub(crate) const FIRST_NAMES: [&str; 24] = [
    "Amara", "Bea", "Callum", "Daniel", "Elif", "Fiona", "George", "Hana", "Idris", "Joanna", "Kofi", "Lucia",
    "Marek", "Nadia", "Owen", "Priya", "Quentin", "Rosa", "Samir", "Tess", "Uma", "Viktor", "Wren", "Yusuf",
];

pub(crate) const INITIALS: [&str; 12] = [
    "A.", "B.", "C.", "D.", "F.", "H.", "K.", "L.", "M.", "O.", "R.", "S.",
];

/// What a review says, by its stars: the first row is one star.
pub(crate) const REVIEWS: [[&str; 8]; 5] = [
    [
        "Arrived broken, and so did the second one.", "Not what the picture promised.",
        "I wanted to like it. I did not.", "Sent it back.", "The lid never fitted.",
        "Two months and it was done for.", "Smelt of the parcel, and still does.",
        "I gave it away, with an apology.",
    ],
    [
        "Fine, but not at this price.", "Smaller than I expected.", "Did the job once.",
        "My neighbour likes it more than I do.", "Looks better than it is.", "Went back to the old one.",
        "The idea is good.", "Too sweet, too small, too late.",
    ],
    [
        "Does what it says, no more.", "Decent. I would try another maker next time.",
        "Good, though the parcel took a week.", "All right for every day.", "No complaints, no raptures.",
        "Half of us like it.", "It will do until the other is back.", "Fair for the money.",
    ],
    [
        "Very good, and well packed.", "Better than the one it replaced.", "We use it most days.",
        "Would buy it again, perhaps the larger size.", "Nearly perfect.", "A good present, I am told.",
        "Took a while to get used to, worth it.", "Honest quality.",
    ],
    [
        "The best we have had.", "Bought one, went back for three more.",
        "A small thing that makes the week better.", "Perfect. My mother has stolen it.",
        "I tell everyone about it.", "Ten years on, still the one.", "Exactly right.",
        "Worth every penny, and the wait.",
    ],
];
