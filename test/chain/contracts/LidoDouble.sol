// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Doubles of Lido: written for these tests, with the interface of the contracts on Ethereum and their arithmetic of
// shares. What they leave out: roles, pauses, the stake limit, the beacon chain. `report` stands for the oracle and for
// all other holders.

contract StETHDouble {
    string public constant name = "Liquid staked Ether 2.0";
    string public constant symbol = "stETH";
    uint8 public constant decimals = 18;

    uint256 public getTotalPooledEther;
    uint256 public getTotalShares;
    mapping(address => uint256) public sharesOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event TransferShares(address indexed from, address indexed to, uint256 sharesValue);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Submitted(address indexed sender, uint256 amount, address referral);

    constructor(uint256 pooled, uint256 shares) {
        report(pooled, shares);
    }

    function report(uint256 pooled, uint256 shares) public {
        getTotalPooledEther = pooled;
        getTotalShares = shares;
    }

    function totalSupply() external view returns (uint256) {
        return getTotalPooledEther;
    }

    function balanceOf(address account) external view returns (uint256) {
        return getPooledEthByShares(sharesOf[account]);
    }

    function getSharesByPooledEth(uint256 amount) public view returns (uint256) {
        return amount * getTotalShares / getTotalPooledEther;
    }

    function getPooledEthByShares(uint256 shares) public view returns (uint256) {
        return shares * getTotalPooledEther / getTotalShares;
    }

    function submit(address referral) public payable returns (uint256 shares) {
        require(msg.value != 0, "ZERO_DEPOSIT");
        shares = getSharesByPooledEth(msg.value);
        getTotalShares += shares;
        getTotalPooledEther += msg.value;
        sharesOf[msg.sender] += shares;
        emit Submitted(msg.sender, msg.value, referral);
        emit Transfer(address(0), msg.sender, getPooledEthByShares(shares));
        emit TransferShares(address(0), msg.sender, shares);
    }

    receive() external payable {
        submit(address(0));
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        require(allowed >= value, "ALLOWANCE_EXCEEDED");
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        move(from, to, value);
        return true;
    }

    function move(address from, address to, uint256 value) private {
        uint256 shares = getSharesByPooledEth(value);
        require(shares <= sharesOf[from], "BALANCE_EXCEEDED");
        sharesOf[from] -= shares;
        sharesOf[to] += shares;
        emit Transfer(from, to, value);
        emit TransferShares(from, to, shares);
    }
}

contract WstETHDouble {
    string public constant name = "Wrapped liquid staked Ether 2.0";
    string public constant symbol = "wstETH";
    uint8 public constant decimals = 18;

    StETHDouble public immutable stETH;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(StETHDouble token) {
        stETH = token;
    }

    function wrap(uint256 amount) external returns (uint256 wrapped) {
        require(amount > 0, "wstETH: can't wrap zero stETH");
        wrapped = stETH.getSharesByPooledEth(amount);
        mint(msg.sender, wrapped);
        stETH.transferFrom(msg.sender, address(this), amount);
    }

    function unwrap(uint256 wrapped) external returns (uint256 amount) {
        require(wrapped > 0, "wstETH: zero amount unwrap not allowed");
        amount = stETH.getPooledEthByShares(wrapped);
        balanceOf[msg.sender] -= wrapped;
        totalSupply -= wrapped;
        emit Transfer(msg.sender, address(0), wrapped);
        stETH.transfer(msg.sender, amount);
    }

    receive() external payable {
        mint(msg.sender, stETH.submit{value: msg.value}(address(0)));
    }

    function stEthPerToken() external view returns (uint256) {
        return stETH.getPooledEthByShares(1 ether);
    }

    function tokensPerStEth() external view returns (uint256) {
        return stETH.getSharesByPooledEth(1 ether);
    }

    function getWstETHByStETH(uint256 amount) external view returns (uint256) {
        return stETH.getSharesByPooledEth(amount);
    }

    function getStETHByWstETH(uint256 wrapped) external view returns (uint256) {
        return stETH.getPooledEthByShares(wrapped);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
        return true;
    }

    function mint(address to, uint256 wrapped) private {
        totalSupply += wrapped;
        balanceOf[to] += wrapped;
        emit Transfer(address(0), to, wrapped);
    }
}

contract WithdrawalQueueDouble {
    uint256 public constant MIN_STETH_WITHDRAWAL_AMOUNT = 100;
    uint256 public constant MAX_STETH_WITHDRAWAL_AMOUNT = 1000 ether;
    uint256 private constant PRECISION = 1e27;

    struct Request {
        uint128 cumulativeStETH;
        uint128 cumulativeShares;
        address owner;
        uint40 timestamp;
        bool claimed;
    }

    struct Checkpoint {
        uint256 fromRequestId;
        uint256 maxShareRate;
    }

    struct WithdrawalRequestStatus {
        uint256 amountOfStETH;
        uint256 amountOfShares;
        address owner;
        uint256 timestamp;
        bool isFinalized;
        bool isClaimed;
    }

    StETHDouble public immutable STETH;
    WstETHDouble public immutable WSTETH;
    uint256 public getLastRequestId;
    uint256 public getLastFinalizedRequestId;
    uint256 public getLastCheckpointIndex;
    mapping(uint256 => Request) private requests;
    mapping(uint256 => Checkpoint) private checkpoints;

    event WithdrawalRequested(uint256 indexed requestId, address indexed requestor, address indexed owner, uint256 amountOfStETH, uint256 amountOfShares);
    event WithdrawalClaimed(uint256 indexed requestId, address indexed owner, address indexed receiver, uint256 amountOfETH);

    error RequestAmountTooSmall(uint256 amountOfStETH);
    error RequestAmountTooLarge(uint256 amountOfStETH);
    error RequestNotFoundOrNotFinalized(uint256 requestId);
    error RequestAlreadyClaimed(uint256 requestId);
    error NotOwner(address sender, address owner);
    error InvalidRequestId(uint256 requestId);
    error InvalidHint(uint256 hint);
    error ArraysLengthMismatch(uint256 first, uint256 second);

    constructor(WstETHDouble wrapped) {
        WSTETH = wrapped;
        STETH = wrapped.stETH();
    }

    function requestWithdrawals(uint256[] calldata amounts, address owner) external returns (uint256[] memory ids) {
        ids = new uint256[](amounts.length);
        for (uint256 i = 0; i < amounts.length; ++i) {
            check(amounts[i]);
            STETH.transferFrom(msg.sender, address(this), amounts[i]);
            ids[i] = enqueue(amounts[i], owner);
        }
    }

    function requestWithdrawalsWstETH(uint256[] calldata amounts, address owner) external returns (uint256[] memory ids) {
        ids = new uint256[](amounts.length);
        for (uint256 i = 0; i < amounts.length; ++i) {
            WSTETH.transferFrom(msg.sender, address(this), amounts[i]);
            uint256 amount = WSTETH.unwrap(amounts[i]);
            check(amount);
            ids[i] = enqueue(amount, owner);
        }
    }

    function getWithdrawalStatus(uint256[] calldata ids) external view returns (WithdrawalRequestStatus[] memory all) {
        all = new WithdrawalRequestStatus[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            (Request memory request, uint256 amount, uint256 shares) = find(ids[i]);
            all[i] = WithdrawalRequestStatus(
                amount, shares, request.owner, request.timestamp, ids[i] <= getLastFinalizedRequestId, request.claimed
            );
        }
    }

    // The ether is what was asked for: the contract on Ethereum is sent less after a slashing, which only the others'
    // ether depends on.
    function finalize(uint256 lastRequestId, uint256 maxShareRate) external payable {
        if (lastRequestId > getLastRequestId || lastRequestId <= getLastFinalizedRequestId) revert InvalidRequestId(lastRequestId);
        checkpoints[++getLastCheckpointIndex] = Checkpoint(getLastFinalizedRequestId + 1, maxShareRate);
        getLastFinalizedRequestId = lastRequestId;
    }

    function findCheckpointHints(uint256[] calldata ids, uint256 first, uint256 last) external view returns (uint256[] memory hints) {
        hints = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) hints[i] = hintOf(ids[i], first, last);
    }

    function claimWithdrawals(uint256[] calldata ids, uint256[] calldata hints) external {
        if (ids.length != hints.length) revert ArraysLengthMismatch(ids.length, hints.length);
        for (uint256 i = 0; i < ids.length; ++i) claim(ids[i], hints[i]);
    }

    function claimWithdrawal(uint256 id) external {
        claim(id, hintOf(id, 1, getLastCheckpointIndex));
    }

    function hintOf(uint256 id, uint256 first, uint256 last) private view returns (uint256 hint) {
        if (id > getLastFinalizedRequestId) return 0;
        for (uint256 i = first; i <= last; ++i) {
            if (checkpoints[i].fromRequestId <= id) hint = i;
        }
    }

    function check(uint256 amount) private pure {
        if (amount < MIN_STETH_WITHDRAWAL_AMOUNT) revert RequestAmountTooSmall(amount);
        if (amount > MAX_STETH_WITHDRAWAL_AMOUNT) revert RequestAmountTooLarge(amount);
    }

    function enqueue(uint256 amount, address owner) private returns (uint256 id) {
        uint256 shares = STETH.getSharesByPooledEth(amount);
        Request memory last = requests[getLastRequestId];
        id = ++getLastRequestId;
        owner = owner == address(0) ? msg.sender : owner;
        requests[id] = Request(
            last.cumulativeStETH + uint128(amount), last.cumulativeShares + uint128(shares), owner, uint40(block.timestamp), false
        );
        emit WithdrawalRequested(id, msg.sender, owner, amount, shares);
    }

    function find(uint256 id) private view returns (Request memory request, uint256 amount, uint256 shares) {
        if (id == 0 || id > getLastRequestId) revert InvalidRequestId(id);
        request = requests[id];
        amount = request.cumulativeStETH - requests[id - 1].cumulativeStETH;
        shares = request.cumulativeShares - requests[id - 1].cumulativeShares;
    }

    function claim(uint256 id, uint256 hint) private {
        if (id == 0) revert InvalidRequestId(id);
        if (id > getLastFinalizedRequestId) revert RequestNotFoundOrNotFinalized(id);
        (Request memory request, uint256 amount, uint256 shares) = find(id);
        if (request.claimed) revert RequestAlreadyClaimed(id);
        if (request.owner != msg.sender) revert NotOwner(msg.sender, request.owner);
        if (hint == 0 || hint > getLastCheckpointIndex || checkpoints[hint].fromRequestId > id) revert InvalidHint(hint);
        if (hint < getLastCheckpointIndex && checkpoints[hint + 1].fromRequestId <= id) revert InvalidHint(hint);
        requests[id].claimed = true;
        uint256 rate = checkpoints[hint].maxShareRate;
        uint256 paid = amount * PRECISION / shares > rate ? shares * rate / PRECISION : amount;
        (bool success,) = msg.sender.call{value: paid}("");
        require(success, "CantSendValueRecipientMayHaveReverted");
        emit WithdrawalClaimed(id, msg.sender, msg.sender, paid);
    }
}
