// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Doubles of ether.fi: written for these tests, with the interface of the contracts on Ethereum and their arithmetic of
// shares. What they leave out: roles, pauses, block lists, validators, the limits of instant redemption. `report` stands
// for the oracle and for all other holders.

contract EETHDouble {
    string public constant name = "ether.fi ETH";
    string public constant symbol = "eETH";
    uint8 public constant decimals = 18;

    LiquidityPoolDouble public immutable liquidityPool;
    uint256 public totalShares;
    mapping(address => uint256) public shares;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event TransferShares(address indexed from, address indexed to, uint256 sharesValue);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(LiquidityPoolDouble pool) {
        liquidityPool = pool;
    }

    modifier onlyPool() {
        require(msg.sender == address(liquidityPool), "Only pool contract function");
        _;
    }

    function report(uint256 all) external onlyPool {
        totalShares = all;
    }

    function mintShares(address user, uint256 share) external onlyPool {
        shares[user] += share;
        totalShares += share;
        emit Transfer(address(0), user, liquidityPool.amountForShare(share));
        emit TransferShares(address(0), user, share);
    }

    function burnShares(address user, uint256 share) external onlyPool {
        require(shares[user] >= share, "BURN_AMOUNT_EXCEEDS_BALANCE");
        shares[user] -= share;
        totalShares -= share;
        emit Transfer(user, address(0), liquidityPool.amountForShare(share));
        emit TransferShares(user, address(0), share);
    }

    function balanceOf(address user) external view returns (uint256) {
        return liquidityPool.getTotalEtherClaimOf(user);
    }

    function totalSupply() external view returns (uint256) {
        return liquidityPool.getTotalPooledEther();
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        require(allowed >= amount, "TRANSFER_AMOUNT_EXCEEDS_ALLOWANCE");
        allowance[from][msg.sender] = allowed - amount;
        move(from, to, amount);
        return true;
    }

    function move(address from, address to, uint256 amount) private {
        uint256 share = liquidityPool.sharesForAmount(amount);
        require(share <= shares[from], "TRANSFER_AMOUNT_EXCEEDS_BALANCE");
        shares[from] -= share;
        shares[to] += share;
        emit Transfer(from, to, amount);
        emit TransferShares(from, to, share);
    }
}

contract LiquidityPoolDouble {
    EETHDouble public immutable eETH;
    WithdrawRequestNFTDouble public immutable withdrawRequestNFT;
    uint256 public getTotalPooledEther;

    event Deposit(address indexed sender, uint256 amount, uint8 source, address referral);
    event Withdraw(address indexed sender, address recipient, uint256 amount, uint8 source);

    error InvalidAmount();
    error IncorrectCaller();
    error SendFail();

    constructor(uint256 pooled, uint256 shares) {
        eETH = new EETHDouble(this);
        withdrawRequestNFT = new WithdrawRequestNFTDouble(this);
        report(pooled, shares);
    }

    function report(uint256 pooled, uint256 shares) public {
        getTotalPooledEther = pooled;
        eETH.report(shares);
    }

    function deposit() external payable returns (uint256) {
        return deposit(address(0));
    }

    function deposit(address referral) public payable returns (uint256 share) {
        share = sharesForAmount(msg.value);
        if (msg.value == 0 || share == 0) revert InvalidAmount();
        getTotalPooledEther += msg.value;
        eETH.mintShares(msg.sender, share);
        emit Deposit(msg.sender, msg.value, 0, referral);
    }

    function requestWithdraw(address recipient, uint256 amount) external returns (uint256 id) {
        uint256 share = sharesForAmount(amount);
        if (amount > type(uint96).max || amount == 0 || share == 0) revert InvalidAmount();
        eETH.transferFrom(msg.sender, address(withdrawRequestNFT), amount);
        id = withdrawRequestNFT.requestWithdraw(uint96(amount), uint96(share), recipient);
        emit Withdraw(msg.sender, recipient, amount, 0);
    }

    function withdraw(address recipient, uint256 amount) external returns (uint256 share) {
        share = sharesForWithdrawalAmount(amount);
        if (amount == 0 || share == 0) revert InvalidAmount();
        getTotalPooledEther -= amount;
        eETH.burnShares(msg.sender, share);
        (bool sent,) = recipient.call{value: amount}("");
        if (!sent) revert SendFail();
    }

    function sharesForAmount(uint256 amount) public view returns (uint256) {
        return amount * eETH.totalShares() / getTotalPooledEther;
    }

    function sharesForWithdrawalAmount(uint256 amount) public view returns (uint256) {
        return (amount * eETH.totalShares() + getTotalPooledEther - 1) / getTotalPooledEther;
    }

    function amountForShare(uint256 share) public view returns (uint256) {
        return share * getTotalPooledEther / eETH.totalShares();
    }

    function getTotalEtherClaimOf(address user) external view returns (uint256) {
        return getTotalPooledEther * eETH.shares(user) / eETH.totalShares();
    }

    receive() external payable {}
}

contract WithdrawRequestNFTDouble {
    struct WithdrawRequest {
        uint96 amountOfEEth;
        uint96 shareOfEEth;
        address owner;
    }

    LiquidityPoolDouble public immutable liquidityPool;
    uint256 public nextRequestId = 1;
    uint256 public lastFinalizedRequestId;
    mapping(uint256 => WithdrawRequest) public getRequest;

    event WithdrawRequestCreated(uint32 indexed requestId, uint256 amountOfEEth, uint256 shareOfEEth, address owner, uint256 fee);
    event WithdrawRequestClaimed(uint32 indexed requestId, uint256 amountOfEEth, uint256 burntShareOfEEth, address owner, uint256 fee);

    constructor(LiquidityPoolDouble pool) {
        liquidityPool = pool;
    }

    function requestWithdraw(uint96 amount, uint96 share, address recipient) external returns (uint256 id) {
        require(msg.sender == address(liquidityPool), "Caller is not the liquidity pool");
        id = nextRequestId++;
        getRequest[id] = WithdrawRequest(amount, share, recipient);
        emit WithdrawRequestCreated(uint32(id), amount, share, recipient, 0);
    }

    function finalizeRequests(uint256 id) external {
        require(id >= lastFinalizedRequestId && id < nextRequestId, "Cannot finalize future requests");
        lastFinalizedRequestId = id;
    }

    function isFinalized(uint256 id) public view returns (bool) {
        return id <= lastFinalizedRequestId;
    }

    function getClaimableAmount(uint256 id) public view returns (uint256) {
        require(isFinalized(id), "Request is not finalized");
        WithdrawRequest memory request = getRequest[id];
        require(request.owner != address(0), "Already Claimed");
        uint256 forShares = liquidityPool.amountForShare(request.shareOfEEth);
        return request.amountOfEEth < forShares ? request.amountOfEEth : forShares;
    }

    function claimWithdraw(uint256 id) public {
        require(getRequest[id].owner == msg.sender, "Not the owner of the NFT");
        uint256 amount = getClaimableAmount(id);
        delete getRequest[id];
        uint256 burnt = liquidityPool.withdraw(msg.sender, amount);
        emit WithdrawRequestClaimed(uint32(id), amount, burnt, msg.sender, 0);
    }

    function batchClaimWithdraw(uint256[] calldata ids) external {
        for (uint256 i = 0; i < ids.length; ++i) claimWithdraw(ids[i]);
    }
}

contract WeETHDouble {
    string public constant name = "Wrapped eETH";
    string public constant symbol = "weETH";
    uint8 public constant decimals = 18;

    LiquidityPoolDouble public immutable liquidityPool;
    EETHDouble public immutable eETH;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(LiquidityPoolDouble pool) {
        liquidityPool = pool;
        eETH = pool.eETH();
    }

    function wrap(uint256 amount) external returns (uint256 wrapped) {
        require(amount > 0, "weETH: can't wrap zero eETH");
        wrapped = liquidityPool.sharesForAmount(amount);
        totalSupply += wrapped;
        balanceOf[msg.sender] += wrapped;
        emit Transfer(address(0), msg.sender, wrapped);
        eETH.transferFrom(msg.sender, address(this), amount);
    }

    function unwrap(uint256 wrapped) external returns (uint256 amount) {
        require(wrapped > 0, "Cannot unwrap a zero amount");
        amount = liquidityPool.amountForShare(wrapped);
        balanceOf[msg.sender] -= wrapped;
        totalSupply -= wrapped;
        emit Transfer(msg.sender, address(0), wrapped);
        eETH.transfer(msg.sender, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        move(from, to, amount);
        return true;
    }

    function getWeETHByeETH(uint256 amount) external view returns (uint256) {
        return liquidityPool.sharesForAmount(amount);
    }

    function getEETHByWeETH(uint256 wrapped) public view returns (uint256) {
        return liquidityPool.amountForShare(wrapped);
    }

    function getRate() external view returns (uint256) {
        return getEETHByWeETH(1 ether);
    }

    function move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
}

contract DepositAdapterDouble {
    LiquidityPoolDouble public immutable liquidityPool;
    EETHDouble public immutable eETH;
    WeETHDouble public immutable weETH;

    constructor(WeETHDouble wrapped) {
        weETH = wrapped;
        liquidityPool = wrapped.liquidityPool();
        eETH = wrapped.eETH();
    }

    function depositETHForWeETH(address referral) external payable returns (uint256 wrapped) {
        uint256 amount = liquidityPool.amountForShare(liquidityPool.deposit{value: msg.value}(referral));
        eETH.approve(address(weETH), amount);
        wrapped = weETH.wrap(amount);
        weETH.transfer(msg.sender, wrapped);
    }
}

contract RedemptionManagerDouble {
    uint256 private constant BASIS_POINTS = 10_000;

    LiquidityPoolDouble public immutable liquidityPool;
    EETHDouble public immutable eETH;
    WeETHDouble public immutable weETH;
    uint256 public immutable exitFeeInBps;

    event Redeemed(address indexed receiver, uint256 redemptionAmount, uint256 feeAmountToTreasury, uint256 feeAmountToStakers);

    constructor(WeETHDouble wrapped, uint256 fee) {
        weETH = wrapped;
        liquidityPool = wrapped.liquidityPool();
        eETH = wrapped.eETH();
        exitFeeInBps = fee;
    }

    function redeemEEth(uint256 amount, address receiver) external {
        require(amount <= eETH.balanceOf(msg.sender), "EtherFiRedemptionManager: Insufficient balance");
        uint256 paid = redemption(amount);
        eETH.transferFrom(msg.sender, address(this), amount);
        pay(receiver, amount, paid);
    }

    function redeemWeEth(uint256 wrapped, address receiver) external {
        require(wrapped <= weETH.balanceOf(msg.sender), "EtherFiRedemptionManager: Insufficient balance");
        uint256 amount = weETH.getEETHByWeETH(wrapped);
        uint256 paid = redemption(amount);
        weETH.transferFrom(msg.sender, address(this), wrapped);
        weETH.unwrap(wrapped);
        pay(receiver, amount, paid);
    }

    function redemption(uint256 amount) private view returns (uint256) {
        uint256 share = liquidityPool.sharesForAmount(amount);
        return liquidityPool.amountForShare(share * (BASIS_POINTS - exitFeeInBps) / BASIS_POINTS);
    }

    function pay(address receiver, uint256 amount, uint256 paid) private {
        liquidityPool.withdraw(receiver, paid);
        emit Redeemed(receiver, amount, 0, amount - paid);
    }
}
